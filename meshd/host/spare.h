/* spare.h - gives back what only the start needed of the program and its libraries.
 *
 * Relocation, symbol tables and the libraries' own beginnings touch pages that are
 * never looked at again; they count as resident until the system is short of memory.
 * Pages that were read from a file and not written are taken out of this process's
 * view: who needs one after all reads it again, from the system's cache as a rule.
 * Floor 6. Edge. */
#ifndef HOST_SPARE_H
#define HOST_SPARE_H

void spare_pages(void); /* once, when all stands */
#endif
