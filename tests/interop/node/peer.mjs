// SPDX-FileCopyrightText: The vcred authors
// SPDX-License-Identifier: Apache-2.0
// npm `@sd-jwt/sd-jwt-vc` as a program: one request as JSON on stdin, one answer as JSON on stdout.
// Started as: node peer.mjs FOLDER, the folder that holds its node_modules.

import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { SDJwtVcInstance } = createRequire(`${process.argv[2]}/`)('@sd-jwt/sd-jwt-vc');
const request = JSON.parse(readFileSync(0, 'utf8'));
const DSA = 'ieee-p1363';

const signer = (jwk) => {
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  return (data) => sign('sha256', Buffer.from(data), { key, dsaEncoding: DSA }).toString('base64url');
};
const verifies = (jwk, data, signature) => {
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify('sha256', Buffer.from(data), { key, dsaEncoding: DSA }, Buffer.from(signature, 'base64url'));
};
const publicHalf = ({ kty, crv, x, y }) => ({ kty, crv, x, y });

const instance = new SDJwtVcInstance({
  hasher: (data, algorithm) => new Uint8Array(createHash(algorithm.replace('-', '')).update(data).digest()),
  hashAlg: 'sha-256',
  saltGenerator: (length) => randomBytes(length).toString('base64url'),
  signAlg: 'ES256',
  signer: request.issuer?.d ? signer(request.issuer) : undefined,
  verifier: (data, signature) => verifies(request.issuer, data, signature),
  kbSignAlg: 'ES256',
  kbSigner: request.holder?.d ? signer(request.holder) : undefined,
  kbVerifier: (data, signature, payload) => verifies(payload.cnf.jwk, data, signature),
  // No network: a status list is asked elsewhere.
  statusListFetcher: () => { throw new Error('no status list is fetched here'); },
});

// {_sd: [...names or indices to conceal], name: {...}}, one level for each step of a path.
const disclosureFrame = (paths) => {
  const frame = { _sd: [], _decoy: 2 };
  for (const [head, ...rest] of paths) {
    if (rest.length === 0) frame._sd.push(head);
  }
  for (const head of new Set(paths.filter((path) => path.length > 1).map((path) => path[0]))) {
    frame[head] = disclosureFrame(paths.filter((path) => path[0] === head && path.length > 1).map((path) => path.slice(1)));
  }
  return frame;
};
const presentationFrame = (paths) => {
  const frame = {};
  for (const path of paths) {
    let place = frame;
    path.slice(0, -1).forEach((step) => { place = place[step] = typeof place[step] === 'object' ? place[step] : {}; });
    place[path.at(-1)] ??= true;
  }
  return frame;
};

const verbs = {
  issue: () => instance.issue(
    { ...request.claims, cnf: { jwk: publicHalf(request.holder) } },
    disclosureFrame(request.hidden),
    { header: { kid: request.kid } },
  ),
  present: () => instance.present(request.credential, presentationFrame(request.paths), {
    kb: { payload: { iat: request.issuedAt, aud: request.audience, nonce: request.nonce } },
  }),
  verify: async () => {
    const options = { currentDate: request.now, keyBindingNonce: request.nonce ?? undefined };
    return (await instance.verify(request.presentation, options)).payload;
  },
};
process.stdout.write(JSON.stringify(await verbs[request.do]()));
