// SPDX-FileCopyrightText: The vcred authors
// SPDX-License-Identifier: Apache-2.0
// npm `@sd-jwt/jwt-status-list` as a program: one request as JSON on stdin, one answer as JSON on stdout.
// Started as: node status.mjs FOLDER, the folder that holds its node_modules.
// The package leaves signatures to others: they are made and verified here, with node's own crypto.

import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { StatusList, createHeaderAndPayload, getListFromStatusListJWT } =
  createRequire(`${process.argv[2]}/`)('@sd-jwt/jwt-status-list');
const request = JSON.parse(readFileSync(0, 'utf8'));
const DSA = 'ieee-p1363';
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const verbs = {
  make: () => {
    const list = new StatusList(new Array(request.size).fill(0), request.bits);
    for (const [index, value] of request.values) {
      list.setStatus(index, value);
    }
    const { header, payload } = createHeaderAndPayload(
      list,
      { iss: request.kid.split('#')[0], sub: request.uri, iat: request.issuedAt, exp: request.expiresAt, ttl: request.ttl },
      { alg: 'ES256', typ: 'statuslist+jwt', kid: request.kid },
    );
    const signed = `${encoded(header)}.${encoded(payload)}`;
    const key = createPrivateKey({ key: request.issuer, format: 'jwk' });
    return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: DSA }).toString('base64url')}`;
  },
  read: () => {
    const cut = request.token.lastIndexOf('.');
    const key = createPublicKey({ key: request.issuer, format: 'jwk' });
    const signature = Buffer.from(request.token.slice(cut + 1), 'base64url');
    if (!verify('sha256', Buffer.from(request.token.slice(0, cut)), { key, dsaEncoding: DSA }, signature)) {
      throw new Error('the signature does not verify');
    }
    const list = getListFromStatusListJWT(request.token);
    return request.indices.map((index) => list.getStatus(index));
  },
};
process.stdout.write(JSON.stringify(verbs[request.do]()));
