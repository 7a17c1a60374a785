#!/usr/bin/env python3
"""XXpsk0 against an independent implementation (PyPI noiseprotocol), in both roles.

noise_psk0.py PROGRAM; exit 0: agreed, 1: differs, 77: the module is missing."""
import os
import subprocess
import sys

try:
    from noise.connection import Keypair, NoiseConnection
except ImportError:
    print("skipped: no Python module `noise` (pip install noiseprotocol)")
    sys.exit(1 if os.environ.get("MESHD_REQUIRE_ALL") else 77)

ROUNDS = 20


def one_round(program, c_role):
    prologue, psk = os.urandom(26), os.urandom(32)
    ours, theirs = os.urandom(32), os.urandom(32)
    py = NoiseConnection.from_name(b"Noise_XXpsk0_25519_ChaChaPoly_SHA512")
    py.set_as_initiator() if c_role == "responder" else py.set_as_responder()
    py.set_prologue(prologue)
    py.set_psks(psk)
    py.set_keypair_from_private_bytes(Keypair.STATIC, ours)
    py.start_handshake()
    c = subprocess.Popen(
        [program, c_role, prologue.hex(), theirs.hex(), os.urandom(32).hex(), psk.hex()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    python_writes = c_role == "responder"
    for _ in range(3):
        if python_writes:
            c.stdin.write(py.write_message(b"from python").hex() + "\n")
            c.stdin.flush()
        else:
            payload = py.read_message(bytes.fromhex(c.stdout.readline()))
            assert payload == b"from c", payload
        python_writes = not python_writes
    handshake_hash, c_send, c_receive = c.stdout.read().split()
    assert c.wait() == 0, c.returncode
    assert py.get_handshake_hash().hex() == handshake_hash
    # Keys agree if what one seals the other opens, in both directions.
    cipher = py.noise_protocol
    assert cipher.cipher_state_encrypt.k.hex() == c_receive
    assert cipher.cipher_state_decrypt.k.hex() == c_send


for role in ("initiator", "responder"):
    for _ in range(ROUNDS):
        one_round(sys.argv[1], role)
print(f"agreed {2 * ROUNDS} times")
