/* standin.h - cheap cryptography for runs too large for the real one.
 *
 * The linker sends every call of seal.h's expensive functions through here
 * (CMakeLists.txt, --wrap); until standin_use(true) they go on to libsodium.  The
 * stand-in keeps every property that a simulation can see: lengths, who can open what,
 * the order of identities, and that any flipped byte of key, nonce, associated data,
 * text, tag or signature fails.  It draws no chance, so a run with it takes the same
 * turns as the real one.  It keeps no secret: sealed text is the text. */
#ifndef MESHSIM_STANDIN_H
#define MESHSIM_STANDIN_H
#include <stdbool.h>

/* The whole process: what was made under one must not run under the other. */
void standin_use(bool use);
#endif
