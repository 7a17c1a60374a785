"""docs/PROTOCOL.md as code: keys, cores, bundles, datagrams, the handshake.  Reads; writes only to compare."""
import hashlib
import hmac

import msgpack
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgpack import Malformed

KINDS = ["beacon", "hs1", "hs2", "hs3", "cookie", "data"]
CORE = ["origin", "lane", "epoch", "seq", "back", "type", "time_ms", "hop_max", "dst", "body"]
SEQ_MAX, HOP_MAX, LANES = 2**62, 32, 7


# --- 1. names and keys ---
def h(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def kdf(key, label):
    return hashlib.blake2b(label, digest_size=32, key=key).digest()


def netid(founder, salt):
    return h(b"meshd1 net" + founder + salt)[:16]


def netkeys(key):
    return {"hint": kdf(key, b"meshd1 hint")[:4], "hs": kdf(key, b"meshd1 hs"),
            "beacon": kdf(key, b"meshd1 beacon"), "cookie": kdf(key, b"meshd1 cookie")}


P = 2**255 - 19


def link_public(pk):
    """The X25519 image of an Ed25519 key: u = (1 + y) / (1 - y)."""
    y = int.from_bytes(pk, "little") & (2**255 - 1)
    return ((1 + y) * pow(1 - y, P - 2, P) % P).to_bytes(32, "little")


def link_secret(seed):
    return hashlib.sha512(seed).digest()[:32]  # X25519 clamps it


def public_of(private):
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


# --- 2. records ---
def read_core(data):
    value = msgpack.read(data)
    if not isinstance(value, list) or len(value) < len(CORE):
        raise Malformed("no core")
    core = dict(zip(CORE, value))
    numbers = [core[k] for k in CORE[1:8]]
    if not all(type(n) is int and n >= 0 for n in numbers) or not isinstance(core["body"], list):
        raise Malformed("core: not these kinds")
    live = core["lane"] == 0
    sound = (len(core["origin"]) == 32 and core["lane"] < LANES and 1 <= core["seq"] <= SEQ_MAX and
             (core["back"] == 0 if live else 1 <= core["back"] <= core["seq"]) and core["type"] < 2**16 and
             core["hop_max"] <= HOP_MAX and core["time_ms"] < 2**63 and
             (core["dst"] is None or (live and len(core["dst"]) == 32)))
    if not sound:
        raise Malformed("core: against the rules of section 2")
    core["later"] = value[len(CORE):]  # of a later version: kept
    return core


# --- 3. batches ---
def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root_of(n, mask, leaves, fill):
    """Walks as the signer did, taking leaves and fill from the front of both lists."""
    if mask & (2**n - 1) == 0:
        if not fill:
            raise Malformed("bundle: a hash is missing")
        return fill.pop(0)
    if n == 1:
        return leaves.pop(0)
    k = split(n)
    left = root_of(k, mask, leaves, fill)
    return h(b"\1" + left + root_of(n - k, mask >> k, leaves, fill))


def verify_bundle(bundle, network):
    """`bundle` by its table.  The cores, when the signature is their origin's."""
    n, mask, fill = bundle["n"], bundle["mask"], bundle["fill"]
    if mask == 0 or mask >> n or len(fill) % 32 or bin(mask).count("1") != len(bundle["cores"]):
        raise Malformed("bundle: mask, fill and cores do not fit")
    cores = [read_core(c) for c in bundle["cores"]]
    if len({(c["origin"], c["lane"], c["epoch"]) for c in cores}) > 1 or \
            sorted({c["seq"] for c in cores}) != [c["seq"] for c in cores]:
        raise Malformed("bundle: not one log in order")
    hashes = [fill[i:i + 32] for i in range(0, len(fill), 32)]
    root = root_of(n, mask, [h(b"\0" + c) for c in bundle["cores"]], hashes)
    if hashes:
        raise Malformed("bundle: a hash is left over")
    signed = b"meshd1 rec" + network + bytes([n]) + root
    try:
        Ed25519PublicKey.from_public_bytes(cores[0]["origin"]).verify(bundle["sig"], signed)
    except InvalidSignature:
        raise Malformed("bundle: the signature is not the origin's") from None
    return cores


# --- 4. datagrams ---
LAYOUT = {"beacon": [("hint", 4), ("nonce", 24)], "hs1": [("hint", 4), ("sid", 4), ("cookie", 16), ("e", 32)],
          "hs2": [("sid", 4), ("e", 32), ("key", 48)], "hs3": [("sid", 4), ("key", 48)],
          "cookie": [("sid", 4), ("cookie", 16), ("tag", 16)], "data": [("sid", 4), ("counter", 4)]}


def read_datagram(d):
    if not d or len(d) > 1200 or not 0 <= d[0] - 0x10 < len(KINDS):
        raise Malformed("no datagram")
    kind = KINDS[d[0] - 0x10]
    parts, at = {}, 1
    for name, size in LAYOUT[kind]:
        parts[name], at = d[at:at + size], at + size
        if len(parts[name]) != size:
            raise Malformed(f"{kind}: truncated")
    for name in ("sid", "counter"):
        if name in parts:
            parts[name] = int.from_bytes(parts[name], "big")
    parts["sealed"] = d[at:]
    exact = {"hs1": 256, "cookie": 37}
    if len(d) != exact.get(kind, len(d)) or (kind == "hs2" and len(d) > 256):
        raise Malformed(f"{kind}: not its length")
    return kind, parts


def write_datagram(kind, parts):
    out = bytes([0x10 + KINDS.index(kind)])
    for name, size in LAYOUT[kind]:
        v = parts[name]
        out += v.to_bytes(size, "big") if isinstance(v, int) else v
    return out + parts["sealed"]


def opened(key, nonce, sealed, ad):
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, sealed, ad)
    except InvalidTag:
        raise Malformed("the tag is wrong") from None


def nonce_of(counter):
    return bytes(4) + counter.to_bytes(8, "little")


def open_data(d, key):
    _, parts = read_datagram(d)
    return opened(key, nonce_of(parts["counter"]), parts["sealed"], d[:9])


def rotate(v, n):
    return (v << n | v >> (32 - n)) & 0xffffffff


def hchacha20(key, nonce16):
    s = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]
    s += [int.from_bytes((key + nonce16)[i:i + 4], "little") for i in range(0, 48, 4)]

    def quarter(a, b, c, d):
        for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xffffffff
            s[z] = rotate(s[z] ^ s[x], n)

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return b"".join(v.to_bytes(4, "little") for v in s[:4] + s[12:])


def open_beacon(d, k_beacon):
    """XChaCha20-Poly1305: a subkey of the first 16 bytes of the nonce, then the last 8."""
    _, parts = read_datagram(d)
    subkey = hchacha20(k_beacon, parts["nonce"][:16])
    return opened(subkey, bytes(4) + parts["nonce"][16:], parts["sealed"], d[:5])


def cookie_tag(d, e, k_cookie):
    return hashlib.blake2b(d[:21] + e, digest_size=16, key=k_cookie).digest()


# --- 6. Noise_XXpsk0_25519_ChaChaPoly_SHA512 ---
class Noise:
    """One side, reading or writing the three messages in turn."""
    TOKENS = [["psk", "e"], ["e", "ee", "s", "es"], ["s", "se"]]

    def __init__(self, initiator, seed, ephemeral, psk, prologue):
        self.initiator, self.psk = initiator, psk
        self.s = X25519PrivateKey.from_private_bytes(link_secret(seed))
        self.e = X25519PrivateKey.from_private_bytes(ephemeral)
        self.rs = self.re = self.k = None
        self.hash = self.chain = b"Noise_XXpsk0_25519_ChaChaPoly_SHA512".ljust(64, b"\0")
        self.step = 0
        self.mix_hash(prologue)

    def mix_hash(self, data):
        self.hash = hashlib.sha512(self.hash + data).digest()

    def hkdf(self, data, n):
        temp, out = hmac.digest(self.chain, data, "sha512"), [b""]
        for i in range(1, n + 1):
            out.append(hmac.digest(temp, out[-1] + bytes([i]), "sha512"))
        return out[1:]

    def mix_key(self, data):
        self.chain, key = self.hkdf(data, 2)
        self.k, self.n = key[:32], 0

    def mix_ephemeral(self, public):
        self.mix_hash(public)
        self.mix_key(public)  # of a pattern with psk

    def shared(self, token):
        ours_e = token == "ee" or (token == "es") == self.initiator
        theirs_e = token == "ee" or (token == "se") == self.initiator
        self.mix_key((self.e if ours_e else self.s).exchange(
            X25519PublicKey.from_public_bytes(self.re if theirs_e else self.rs)))

    def mix_psk(self):
        self.chain, temp, key = self.hkdf(self.psk, 3)
        self.mix_hash(temp)
        self.k, self.n = key[:32], 0

    def decrypt(self, sealed):
        plain = opened(self.k, nonce_of(self.n), sealed, self.hash)
        self.n += 1
        self.mix_hash(sealed)
        return plain

    def encrypt(self, plain):
        sealed = ChaCha20Poly1305(self.k).encrypt(nonce_of(self.n), plain, self.hash)
        self.n += 1
        self.mix_hash(sealed)
        return sealed

    def read(self, message):
        for token in self.TOKENS[self.step]:
            if token == "e":
                self.re, message = message[:32], message[32:]
                self.mix_ephemeral(self.re)
            elif token == "s":
                self.rs, message = self.decrypt(message[:48]), message[48:]
            elif token == "psk":
                self.mix_psk()
            else:
                self.shared(token)
        self.step += 1
        return self.decrypt(message)

    def write(self, payload):
        out = b""
        for token in self.TOKENS[self.step]:
            if token == "e":
                public = public_of(self.e)
                out += public
                self.mix_ephemeral(public)
            elif token == "s":
                out += self.encrypt(public_of(self.s))
            elif token == "psk":
                self.mix_psk()
            else:
                self.shared(token)
        self.step += 1
        return out + self.encrypt(payload)

    def keys(self):
        """Of i->r and of r->i."""
        return [k[:32] for k in self.hkdf(b"", 2)]
