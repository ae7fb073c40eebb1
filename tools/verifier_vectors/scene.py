# SPDX-FileCopyrightText: The vcred authors
# SPDX-License-Identifier: Apache-2.0
"""The network that all vectors play in, and the bundles that a gate in Macao may hold of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.seeded_keys import SeededKeys
from tests.world import HOUR, ISSUER, START, Organisation, World, make_world

from vcred.codec.jcs import encode_jcs
from vcred.codec.json_types import JsonObject
from vcred.credential.type_definition import TypeDefinition, parse_type_definition, shipped_type
from vcred.did.operations import Purpose
from vcred.keys.algorithms import EDDSA
from vcred.ledger.network_file import encode_network_file

KEYS = SeededKeys("vectors/1")

# Entries of the issuer's status list as every bundle has it; a credential that is not revoked has 7.
REVOKED, SUSPENDED, MEANINGLESS = 11, 12, 13

CERTIFICATE_CLAIMS: JsonObject = {
    "title": "Electrician",
    "title_zh": "電工",
    "level": 3,
    "expires": "2029-06-30",
    "match": {"name": "陳大文", "id_type": "macao_bir", "last_four": "2681"},
    "identity": {
        "name": "陳大文",
        "region": "MO",
        "id_type": "macao_bir",
        "id_number": "5631268(1)",
        "birth_date": "1954-09-24",
    },
    "award": {"certificate_no": "GD-2024-0001", "awarded": "2024-06-30", "exam_centre": "Zhuhai 3"},
    "modules": [{"title": "Safety", "mark": 88}, {"title": "Installation", "mark": 74}],
    "standing": {"cpd_hours": 40, "employer": "MO-CEM"},
}


@dataclass
class Scene:
    """The world at START, and what was made of it."""

    world: World
    eddsa_issuer: Organisation
    unaccredited: Organisation
    former: Organisation
    coming: Organisation
    types: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, TypeDefinition] = field(default_factory=dict)
    network_file: bytes = b""

    def salted(self, name: str) -> World:
        """The world with salts of its own for one scenario, so that adding one changes no other."""
        world = self.world.fork()
        world.random_bytes = KEYS.random_bytes(name)
        return world


def make_scene() -> Scene:
    """Found the network, and let everything happen that the scenarios need."""
    world = make_world(KEYS)
    world.now = START - HOUR
    ed25519 = {Purpose.ASSERTION: EDDSA, Purpose.STATUS: EDDSA}
    scene = Scene(
        world=world,
        eddsa_issuer=world.join("Guangdong Skills", ed25519, sponsor=world.gd),
        unaccredited=world.join("Guangdong Printing", ISSUER, sponsor=world.gd),
        former=world.join("Guangdong Former Centre", ISSUER, sponsor=world.gd),
        coming=world.join("Guangdong Coming Centre", ISSUER, sponsor=world.gd),
    )
    scene.types["health-code"] = world.vct
    scene.definitions["health-code"] = world.type_definition
    world.accredit(world.gd, scene.eddsa_issuer, world.vct)
    world.accredit(world.gd, scene.former, world.vct, until=START - timedelta(minutes=1))
    world.accredit(world.gd, scene.coming, world.vct, start=START + HOUR)
    _publish_certificates(scene)
    world.revoke(REVOKED)
    world.revoke(SUSPENDED, value=2)
    world.revoke(MEANINGLESS, value=3)
    world.now = START
    world.status_dates.clear()
    scene.network_file = encode_network_file(world.network_file())
    return scene


def _publish_certificates(scene: Scene) -> None:
    """Types that differ in nothing but their name, what Macao says of them, and `paper`."""
    until = int((START + HOUR).timestamp())
    _publish(scene, "professional-certificate", conditions={})
    _publish(scene, "paper-certificate", conditions={}, paper=True)
    _publish(scene, "challenge-certificate", conditions={"bindings": ["challenge"]})
    _publish(scene, "award-certificate", conditions={"required_claims": ["award"]})
    _publish(scene, "recent-certificate", conditions={"max_age": 3600})
    _publish(scene, "ending-certificate", conditions={"until": until})
    _publish(scene, "local-certificate", conditions=None)
    _publish(scene, "unaccredited-certificate", conditions={}, accredit=False)


def _publish(
    scene: Scene,
    name: str,
    *,
    conditions: dict[str, object] | None,
    paper: bool = False,
    accredit: bool = True,
) -> None:
    world = scene.world
    document = shipped_type("professional-certificate").document
    definition = parse_type_definition(encode_jcs({**document, "name": name, "paper": paper}))
    scene.definitions[name] = definition
    vct = scene.types[name] = world.publish_type(definition, world.gd)
    if accredit:
        world.accredit(world.gd, world.issuer, vct)
    if conditions is not None:
        world.recognise(world.mo, vct, "CN-44", **conditions)


def moment(**after_start: float) -> datetime:
    """A time, told from START."""
    return START + timedelta(**after_start)
