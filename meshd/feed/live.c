#include "live.h"
#include "id.h"
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum { VERSION_MAX = 32, RADIO_TEXT_BYTES = 1024 };

struct live_site {
	uint8_t len;
	char version[VERSION_MAX];
};
struct live_radio_slot {
	uint8_t text[RADIO_TEXT_BYTES]; /* what the status borrows */
};
struct live_sample_slot {
	struct mesh_key site;
	struct sample sample;
	int of_site; /* slots that this site has */
	char name[SAMPLE_NAME_MAX], unit[SAMPLE_UNIT_MAX];
	char radio[SAMPLE_RADIO_MAX], reason[SAMPLE_REASON_MAX];
};
struct live {
	struct live_sample_slot samples[LIVE_SAMPLES];
	size_t sample_count;
	struct sites sites;
	struct site_name *names;
	struct live_site *versions; /* beside names */
	struct node_fold *nodes;
	size_t node_cap, node_count;
	uint32_t *index; /* open addressing: node number + 1; 0: free */
	size_t index_cap;
	struct radio_status radios[LIVE_RADIOS];
	struct live_radio_slot texts[LIVE_RADIOS];
	size_t radio_count;
};

struct live *
live_new(size_t nodes)
{
	struct live *l = calloc(1, sizeof *l);
	if (l == NULL)
		return NULL;
	l->node_cap = nodes;
	l->index_cap = 2 * nodes + 1;
	l->names = calloc(LIVE_SITES, sizeof *l->names);
	l->versions = calloc(LIVE_SITES, sizeof *l->versions);
	l->nodes = calloc(nodes, sizeof *l->nodes);
	l->index = calloc(l->index_cap, sizeof *l->index);
	if (l->names != NULL && l->versions != NULL && l->nodes != NULL &&
	    l->index != NULL) {
		l->sites = sites_init(l->names, LIVE_SITES);
		return l;
	}
	live_free(l);
	return NULL;
}

void
live_free(struct live *l)
{
	if (l == NULL)
		return;
	free(l->names);
	free(l->versions);
	free(l->nodes);
	free(l->index);
	free(l);
}

/* --- sites --- */

static size_t
site_number(const struct live *l, const struct mesh_key *site)
{
	size_t i = 0;
	while (i < l->sites.count && !key_equal(&l->names[i].key, site))
		i++;
	return i;
}

void
live_site(struct live *l, const struct mesh_position *at, struct text_view name,
    struct text_view version)
{
	sites_put(&l->sites, at, name);
	size_t i = site_number(l, &at->origin);
	if (i == l->sites.count || l->names[i].epoch != at->epoch ||
	    l->names[i].seq != at->seq)
		return; /* older than what is known */
	struct bytes_out out = bytes_out(l->versions[i].version, VERSION_MAX);
	text_put_clean(&out, bytes_view(version.ptr, version.len), VERSION_MAX);
	l->versions[i].len = (uint8_t)out.len;
}

struct sites *
live_pins(struct live *l)
{
	return &l->sites;
}

const struct sites *
live_sites(const struct live *l)
{
	return &l->sites;
}

struct text_view
live_version(const struct live *l, const struct mesh_key *site)
{
	size_t i = site_number(l, site);
	if (i == l->sites.count)
		return (struct text_view){ "", 0 };
	return (struct text_view){ l->versions[i].version, l->versions[i].len };
}

/* --- nodes --- */

/* Where `id` stands in the index, or the free place where it would. */
static uint32_t *
place_of(const struct live *l, const struct id *id)
{
	size_t at = (size_t)(id_hash(id, 0) % l->index_cap);
	while (l->index[at] != 0 && !id_equal(&l->nodes[l->index[at] - 1].id, id))
		at = (at + 1) % l->index_cap;
	return &l->index[at];
}

static void
index_all(struct live *l)
{
	memset(l->index, 0, l->index_cap * sizeof *l->index);
	for (size_t i = 0; i < l->node_count; i++)
		*place_of(l, &l->nodes[i].id) = (uint32_t)(i + 1);
}

static int
by_age(const void *a, const void *b)
{
	const struct node_fold *x = a, *y = b;
	return (x->last_ms < y->last_ms) - (x->last_ms > y->last_ms);
}

/* A quarter goes at once, so that a full table does not sort at every new node. */
static void
forget_oldest(struct live *l)
{
	qsort(l->nodes, l->node_count, sizeof *l->nodes, by_age);
	l->node_count -= l->node_count / 4 + 1;
	index_all(l);
}

static struct node_fold *
node_slot(struct live *l, const struct id *id)
{
	uint32_t *place = place_of(l, id);
	if (*place != 0)
		return &l->nodes[*place - 1];
	if (l->node_count == l->node_cap) {
		forget_oldest(l);
		place = place_of(l, id);
	}
	l->nodes[l->node_count] = node_fold(id);
	*place = (uint32_t)++l->node_count;
	return &l->nodes[*place - 1];
}

void
live_node_facts(struct live *l, const struct id *node, const struct mesh_position *at,
    const struct node_facts *facts)
{
	node_fold_facts(node_slot(l, node), at, facts);
}

void
live_node_hearing(struct live *l, const struct id *node, const struct mesh_key *site,
    const struct node_hearing *hearing)
{
	node_fold_hearing(node_slot(l, node), site, hearing);
}

void
live_purge(struct live *l, const struct mesh_position *upto)
{
	size_t count = 0;
	for (size_t i = 0; i < l->node_count; i++) {
		if (!node_fold_purge(&l->nodes[i], upto))
			continue;
		if (count != i)
			l->nodes[count] = l->nodes[i];
		count++;
	}
	l->node_count = count;
	index_all(l);
}

const struct node_fold *
live_node(const struct live *l, const struct id *node)
{
	const uint32_t *place = place_of(l, node);
	return *place != 0 ? &l->nodes[*place - 1] : NULL;
}

size_t
live_node_count(const struct live *l)
{
	return l->node_count;
}

/* --- samples --- */

static bool
is_series(const struct sample *a, const struct sample *b)
{
	return text_equal(a->name, b->name) && text_equal(a->radio, b->radio) &&
	    text_equal(a->reason, b->reason);
}

static struct live_sample_slot *
find_sample(struct live *l, const struct mesh_key *site, const struct sample *sample)
{
	for (size_t i = 0; i < l->sample_count; i++) {
		struct live_sample_slot *s = &l->samples[i];
		if (key_equal(&s->site, site) && is_series(&s->sample, sample))
			return s;
	}
	return NULL;
}

/* So that nobody's many names push out what others measure. */
static struct live_sample_slot *
sample_to_forget(struct live *l)
{
	struct live_sample_slot *worst = &l->samples[0];
	for (size_t i = 1; i < l->sample_count; i++) {
		struct live_sample_slot *s = &l->samples[i];
		bool same = s->of_site == worst->of_site;
		if (s->of_site > worst->of_site ||
		    (same && s->sample.time_ms < worst->sample.time_ms))
			worst = s;
	}
	return worst;
}

/* All slots of a site know how many it has. */
static void
count_samples(struct live *l, const struct mesh_key *site, int by)
{
	for (size_t i = 0; i < l->sample_count; i++)
		if (key_equal(&l->samples[i].site, site))
			l->samples[i].of_site += by;
}

static int
samples_of(const struct live *l, const struct mesh_key *site)
{
	for (size_t i = 0; i < l->sample_count; i++)
		if (key_equal(&l->samples[i].site, site))
			return l->samples[i].of_site;
	return 0;
}

static struct live_sample_slot *
new_sample(struct live *l, const struct mesh_key *site)
{
	struct live_sample_slot *s = &l->samples[l->sample_count];
	if (l->sample_count < LIVE_SAMPLES) {
		l->sample_count++;
	} else {
		s = sample_to_forget(l);
		struct mesh_key loser = s->site;
		count_samples(l, &loser, -1);
		s->site = (struct mesh_key){ { 0 } };
	}
	*s = (struct live_sample_slot){ .of_site = samples_of(l, site), .site = *site };
	count_samples(l, site, 1);
	return s;
}

static unix_ms
by_now(unix_ms when, unix_ms now_ms)
{
	return when < 0 ? 0 : when > now_ms ? now_ms : when;
}

static bool
sample_fits(const struct sample *s)
{
	return s->name.len <= SAMPLE_NAME_MAX && s->unit.len <= SAMPLE_UNIT_MAX &&
	    s->radio.len <= SAMPLE_RADIO_MAX && s->reason.len <= SAMPLE_REASON_MAX;
}

static void
keep_text(char *room, struct text_view *v)
{
	if (v->len > 0)
		memcpy(room, v->ptr, v->len);
	v->ptr = room;
}

void
live_sample(struct live *l, const struct mesh_key *site, const struct sample *sample,
    unix_ms now_ms)
{
	struct live_sample_slot *s = find_sample(l, site, sample);
	unix_ms when = by_now(sample->time_ms, now_ms);
	/* Our own clock may have been set back. */
	if ((s != NULL && when < by_now(s->sample.time_ms, now_ms)) ||
	    !sample_fits(sample))
		return;
	if (s == NULL)
		s = new_sample(l, site);
	s->sample = *sample;
	s->sample.time_ms = when;
	keep_text(s->name, &s->sample.name);
	keep_text(s->unit, &s->sample.unit);
	keep_text(s->radio, &s->sample.radio);
	keep_text(s->reason, &s->sample.reason);
}

const struct sample *
live_sample_at(const struct live *l, size_t index)
{
	return index < l->sample_count ? &l->samples[index].sample : NULL;
}

const struct mesh_key *
live_sample_site(const struct live *l, size_t index)
{
	return &l->samples[index].site;
}

/* --- our own radios --- */

static size_t
radio_number(const struct live *l, struct text_view name)
{
	size_t i = 0;
	while (i < l->radio_count && !text_equal(l->radios[i].name, name))
		i++;
	return i;
}

/* The copy's texts lie behind it in one block of the slot. */
static bool
copy_radio(struct live *l, size_t i, const struct radio_status *status)
{
	struct bytes_out out = bytes_out(l->texts[i].text, RADIO_TEXT_BYTES);
	struct radio_status copy = *status;
	struct text_view *texts[] = { &copy.name, &copy.driver, &copy.error,
		&copy.node.name, &copy.node.firmware, &copy.node.short_name,
		&copy.node.role, &copy.node.hardware, &copy.node.can,
		&copy.link.address };
	for (size_t k = 0; k < LENGTH(texts); k++) {
		const char *at = (const char *)out.ptr + out.len;
		text_put_view(&out, *texts[k]);
		texts[k]->ptr = at;
	}
	if (!out.failed)
		l->radios[i] = copy;
	return !out.failed;
}

bool
live_radio(struct live *l, const struct radio_status *status)
{
	size_t i = radio_number(l, status->name);
	if (i == LIVE_RADIOS || !copy_radio(l, i, status))
		return false;
	if (i == l->radio_count)
		l->radio_count++;
	return true;
}

void
live_radio_gone(struct live *l, struct text_view name)
{
	size_t i = radio_number(l, name);
	if (i == l->radio_count)
		return;
	struct radio_status last = l->radios[--l->radio_count];
	if (i != l->radio_count) /* the last one moves into the gap, texts and all */
		copy_radio(l, i, &last);
}

size_t
live_radio_count(const struct live *l)
{
	return l->radio_count;
}

const struct radio_status *
live_radio_at(const struct live *l, size_t index)
{
	return index < l->radio_count ? &l->radios[index] : NULL;
}

struct list_view
live_radios(const struct live *l)
{
	return (struct list_view){ l->radios, l->radio_count };
}
