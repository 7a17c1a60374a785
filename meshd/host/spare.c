#define _GNU_SOURCE /* dl_iterate_phdr */
#include "spare.h"
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { HEAP_SPARE = 2 << 20 };

static void
spare_range(uintptr_t from, uintptr_t to)
{
	/* The loader's tables have numbers where pointers are meant. */
	void *start = (void *)from; /* NOLINT(performance-no-int-to-ptr) */
	if (to > from)
		(void)madvise(start, to - from, MADV_DONTNEED); /* or they stay */
}

/* Code and constants: whole pages of a segment that nobody may write.  What is made
 * read-only after relocation lies in another segment, and stays. */
static void
spare_segment(uintptr_t base, const ElfW(Phdr) * segment)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = (base + segment->p_vaddr) & ~(page - 1);
	uintptr_t to = (base + segment->p_vaddr + segment->p_memsz) & ~(page - 1);
	if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W) == 0)
		spare_range(from, to);
}

/* Its code was written to when it was loaded: those pages are nowhere else. */
static bool
is_relocated(const struct dl_phdr_info *object, const ElfW(Phdr) * dynamic)
{
	uintptr_t at = object->dlpi_addr + dynamic->p_vaddr;
	const ElfW(Dyn) *d = (const void *)at; /* NOLINT(performance-no-int-to-ptr) */
	for (; d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_TEXTREL ||
		    (d->d_tag == DT_FLAGS && (d->d_un.d_val & DF_TEXTREL) != 0))
			return true;
	return false;
}

static int
spare_object(struct dl_phdr_info *object, size_t size, void *ctx)
{
	(void)size, (void)ctx;
	for (size_t i = 0; i < object->dlpi_phnum; i++)
		if (object->dlpi_phdr[i].p_type == PT_DYNAMIC &&
		    is_relocated(object, &object->dlpi_phdr[i]))
			return 0;
	for (size_t i = 0; i < object->dlpi_phnum; i++)
		spare_segment(object->dlpi_addr, &object->dlpi_phdr[i]);
	return 0;
}

void
spare_pages(void)
{
	(void)dl_iterate_phdr(spare_object, NULL);
	(void)malloc_trim(0);
}

/* The second number of statm, which counts pages.  0: there is no /proc. */
static size_t
resident_bytes(void)
{
	char numbers[128] = "", *second;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t len = read(fd, numbers, sizeof numbers - 1);
	close(fd);
	if (len <= 0)
		return 0;
	(void)strtoul(numbers, &second, 10);
	return strtoul(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

bool
spare_heap(size_t *left)
{
	size_t resident = resident_bytes();
	if (resident < *left)
		*left = resident;
	if (resident != 0 && resident - *left <= HEAP_SPARE)
		return false;
	if (mallinfo2().fordblks <= HEAP_SPARE)
		return false;
	(void)malloc_trim(0);
	*left = resident_bytes();
	return true;
}
