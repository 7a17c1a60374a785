#!/usr/bin/env python3
"""A whole handshake and the first data of both sides, made by other code than ours: noiseprotocol, pynacl, msgpack.

Run by hand, as make.py.  handshake.txt has the keys that are needed to follow it; all are made up.
"""
import hashlib
import json

import msgpack
import nacl.bindings as sodium
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from noise.connection import Keypair, NoiseConnection

NETKEY, SALT = bytes(range(128, 160)), bytes(range(160, 176))
SEEDS = {"i": bytes([1]) * 32, "r": bytes([2]) * 32}
EPHEMERALS = {"i": bytes(range(1, 33)), "r": bytes(range(33, 65))}
SIDS = {"i": 0x01020304, "r": 0xA1A2A3A4}
ADDRESSES = {"i": bytes([10, 0, 0, 1, 0x11, 0x76]), "r": bytes([10, 0, 0, 2, 0x11, 0x76])}
NAMES = {"i": "berg", "r": "tal"}
BOOTS = {"i": 1765432100, "r": 1765432200}
BOOT_IDS = {"i": bytes([1, 2, 3, 4, 5, 6, 7, 8]), "r": bytes([8, 7, 6, 5, 4, 3, 2, 1])}
COOKIE = bytes(range(64, 80))
PUBLIC = {w: sodium.crypto_sign_seed_keypair(SEEDS[w])[0] for w in "ir"}


NONCE = bytes(range(24))


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


def h(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def kdf(label):
    return hashlib.blake2b(label, digest_size=32, key=NETKEY).digest()


NETID = h(b"meshd1 net" + PUBLIC["i"] + SALT)[:16]
HINT, K_HS, K_BEACON, K_COOKIE = kdf(b"meshd1 hint")[:4], kdf(b"meshd1 hs"), kdf(b"meshd1 beacon"), kdf(b"meshd1 cookie")


def info(who):
    other = "r" if who == "i" else "i"
    return [PUBLIC[who], SIDS[who], BOOTS[who], BOOT_IDS[who], 1, 1, 0, ADDRESSES[other], NAMES[who], None, 0]


def info_text(who):
    names = ["site", "sid", "boot", "boot_id", "proto_min", "proto_max", "features", "observed", "name", "cert_hash",
             "ping_s"]
    values = {n: v.hex() if isinstance(v, bytes) else v for n, v in zip(names, info(who)) if v is not None}
    return json.dumps(values, separators=(",", ":"))


def side(who):
    noise = NoiseConnection.from_name(b"Noise_XXpsk0_25519_ChaChaPoly_SHA512")
    noise.set_as_initiator() if who == "i" else noise.set_as_responder()
    noise.set_prologue(b"meshd1" + NETID + HINT + SIDS["i"].to_bytes(4, "big"))
    noise.set_psks(K_HS)
    secret = sodium.crypto_sign_seed_keypair(SEEDS[who])[1]
    noise.set_keypair_from_private_bytes(Keypair.STATIC, sodium.crypto_sign_ed25519_sk_to_curve25519(secret))
    noise.set_keypair_from_private_bytes(Keypair.EPHEMERAL, EPHEMERALS[who])
    noise.start_handshake()
    return noise


i, r = side("i"), side("r")
first = bytes(i.write_message(bytes(183)))
r.read_message(first)
second = bytes(r.write_message(pack(info("r"))))
i.read_message(second)
third = bytes(i.write_message(pack(info("i"))))
r.read_message(third)
keys = {"i": i.noise_protocol.cipher_state_encrypt.k, "r": r.noise_protocol.cipher_state_encrypt.k}
sid = {w: SIDS[w].to_bytes(4, "big") for w in "ir"}


def data(who, plain):
    head = b"\x15" + sid["r" if who == "i" else "i"] + bytes(4)
    return head + ChaCha20Poly1305(keys[who]).encrypt(bytes(12), plain, head)


hs1 = b"\x11" + HINT + sid["i"] + bytes(16) + first
cookie = b"\x14" + sid["i"] + COOKIE
cookie += hashlib.blake2b(cookie + first[:32], digest_size=16, key=K_COOKIE).digest()
beacon_head = b"\x10" + HINT
beacon_plain = pack([2, 7, None])  # any bytes: how a bundle is opened is shown in datagrams.txt
plain = {"i": pack([2, 7, None]), "r": pack([3, 7, 0, None]) + pack([4, 0, 0])}
lines = [
    ("network", PUBLIC["i"] + SALT + NETKEY,
     f"netid={NETID.hex()} hint={HINT.hex()} hs={K_HS.hex()} beacon={K_BEACON.hex()} cookie={K_COOKIE.hex()}"),
]
for who in "ir":
    lines.append((f"site_{who}", SEEDS[who],
                  f"key={PUBLIC[who].hex()} link={sodium.crypto_sign_ed25519_pk_to_curve25519(PUBLIC[who]).hex()} "
                  f"oid={h(PUBLIC[who])[:8].hex()} tag={h(PUBLIC[who])[:4].hex()}"))
    lines.append((f"ephemeral_{who}", EPHEMERALS[who], f"sid={SIDS[who]} address={ADDRESSES[who].hex()}"))
lines += [
    ("hs1", hs1, bytes(183).hex()),
    ("cookie", cookie, "by the cookie key, for this hs1"),
    ("hs2", b"\x12" + sid["i"] + second, info_text("r")),
    ("hs3", b"\x13" + sid["r"] + third, info_text("i")),
    ("keys", keys["i"] + keys["r"], "of i->r and of r->i"),
    ("data_i", data("i", plain["i"]), plain["i"].hex()),
    ("data_r", data("r", plain["r"]), plain["r"].hex()),
    ("beacon", beacon_head + NONCE + sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
        beacon_plain, beacon_head, NONCE, K_BEACON), beacon_plain.hex()),
]
with open("handshake.txt", "w", encoding="utf-8") as f:
    f.write("# A handshake of i with r, line after line; keys are seeds.  Made by make_handshake.py.\n")
    for label, content, expected in lines:
        f.write(f"{label} | {content.hex()} | {expected}\n")
