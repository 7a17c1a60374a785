#include "report.h"
#include "json_out.h"
#include "must.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>

/* --- samples --- */

void
series_add(struct series *s, double value)
{
	s->values = grown(s->values, s->count, &s->cap, sizeof *s->values);
	s->values[s->count++] = value;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double
series_percentile(struct series *s, double p)
{
	if (s->count == 0)
		return 0;
	qsort(s->values, s->count, sizeof *s->values, by_value);
	size_t i = (size_t)(p / 100 * (double)s->count);
	return s->values[i < s->count ? i : s->count - 1];
}

/* --- filling --- */

static void
add(struct report *r, const struct figure *f)
{
	if (r->count == REPORT_FIGURES)
		abort(); /* a scenario with more needs a larger table */
	r->figures[r->count] = *f;
	r->figures[r->count++].seed = r->seed;
}

void
report_add(struct report *r, const char *name, enum worse worse, double value)
{
	add(r, &(struct figure){ .name = name, .worse = worse, .value = value });
}

void
report_add_u64(struct report *r, const char *name, enum worse worse, uint64_t n)
{
	report_add(r, name, worse, (double)n);
}

void
report_add_series(struct report *r, const char *name, struct series *s)
{
	static const struct {
		const char *name;
		double p;
	} points[] = { { "p50", 50 }, { "p99", 99 }, { "max", 100 } };
	for (size_t i = 0; s->count > 0 && i < LENGTH(points); i++)
		add(r,
		    &(struct figure){ .name = name,
			.point = points[i].name,
			.value = series_percentile(s, points[i].p) });
	free(s->values);
	*s = (struct series){ NULL, 0, 0 };
}

void
report_violation(struct report *r, const char *format, ...)
{
	if (r->violation_count == WORLD_VIOLATIONS)
		return;
	va_list args;
	va_start(args, format);
	vsnprintf(
	    r->violations[r->violation_count++], sizeof r->violations[0], format, args);
	va_end(args);
}

void
report_take_world(struct report *r, const struct world *w)
{
	uint64_t bytes = 0;
	for (uint32_t i = 0; i < w->params.sites; i++) {
		bytes += w->sites[i].sent_bytes;
		for (size_t c = 0; w->sites[i].site != NULL && c < COUNT_MESH; c++)
			r->sums[c] += mesh_site_counter(w->sites[i].site, c);
	}
	report_add_u64(r, "bytes", WORSE_MORE, bytes);
	for (size_t i = 0; i < w->violation_count; i++)
		report_violation(r, "%s", w->violations[i]);
}

/* --- several runs --- */

static struct figure *
same_figure(struct report *all, const struct figure *f)
{
	for (struct figure *is = all->figures; is < all->figures + all->count; is++)
		if (strcmp(is->name, f->name) == 0 &&
		    (is->point == f->point ||
			(is->point != NULL && f->point != NULL &&
			    strcmp(is->point, f->point) == 0)))
			return is;
	return NULL;
}

void
report_merge(struct report *all, const struct report *one)
{
	for (size_t i = 0; i < one->count; i++) {
		const struct figure *f = &one->figures[i];
		struct figure *is = same_figure(all, f);
		if (is == NULL && all->count < REPORT_FIGURES)
			all->figures[all->count++] = *f;
		else if (is != NULL &&
		    (f->worse == WORSE_MORE ? f->value > is->value
					    : f->value < is->value))
			*is = *f;
	}
	for (size_t c = 0; c < COUNT_MESH; c++)
		all->sums[c] += one->sums[c];
	for (size_t i = 0; i < one->violation_count; i++) {
		if (all->options->seeds > 1)
			report_violation(all, "seed %llu: %.130s",
			    (unsigned long long)one->seed, one->violations[i]);
		else
			report_violation(all, "%s", one->violations[i]);
	}
	all->runs++;
	all->failed += one->violation_count > 0;
}

/* --- printing --- */

static bool
is_whole(double v)
{
	return v >= 0 && v < 9e15 && v - (double)(uint64_t)v <= 0;
}

static void
put_value(struct json_out *j, double v)
{
	if (is_whole(v))
		json_put_u64(j, (uint64_t)v);
	else
		json_put_f64(j, v);
}

/* One value of each figure: what it is, or whose. */
static void
put_figures(struct json_out *j, const struct report *r, bool seeds)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct figure *f = &r->figures[i];
		const char *before = i > 0 ? r->figures[i - 1].name : "";
		const char *after = i + 1 < r->count ? f[1].name : "";
		if (f->point == NULL || strcmp(before, f->name) != 0)
			json_key(j, f->name);
		if (f->point != NULL && strcmp(before, f->name) != 0)
			json_open_object(j);
		if (f->point != NULL)
			json_key(j, f->point);
		put_value(j, seeds ? (double)f->seed : f->value);
		if (f->point != NULL && strcmp(after, f->name) != 0)
			json_shut_object(j);
	}
}

static void
put_number(struct json_out *j, const char *key, double n)
{
	json_key(j, key);
	put_value(j, n);
}

static void
put_options(struct json_out *j, const struct report *r)
{
	const struct options *o = r->options;
	char schema[64];
	snprintf(schema, sizeof schema, "meshsim.%s/1", o->scenario);
	json_key(j, "schema");
	json_put_string(j, schema);
	if (!o->swarm) {
		put_number(j, "nodes", o->nodes);
		put_number(j, "loss", o->loss);
		put_number(j, "delay_min_ms", (double)o->delay_min_ms);
		put_number(j, "delay_max_ms", (double)o->delay_max_ms);
		put_number(j, "duration_s", o->duration_s);
		if (o->rate > 0)
			put_number(j, "rate", o->rate);
		json_key(j, "crypto");
		json_put_string(j, options_is_standin(o) ? "standin" : "real");
	}
	put_number(j, "seed", (double)o->seed);
	put_number(j, "seeds", o->seeds);
}

static void
put_counters(struct json_out *j, const struct report *r)
{
	json_key(j, "counters");
	json_open_object(j);
	for (size_t c = 0; c < COUNT_MESH; c++)
		if (r->sums[c] > 0)
			put_number(j, mesh_counters.rows[c].name, (double)r->sums[c]);
	json_shut_object(j);
}

void
report_print_json(const struct report *r)
{
	static char block[65536];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct json_out j = json_out(&out);
	json_open_object(&j);
	put_options(&j, r);
	put_figures(&j, r, false);
	put_number(&j, "wall_s", r->wall_s);
	if (r->options->seeds > 1) {
		json_key(&j, "worst_seed");
		json_open_object(&j);
		put_figures(&j, r, true);
		json_shut_object(&j);
		put_number(&j, "failed", r->failed);
	}
	if (r->options->counters)
		put_counters(&j, r);
	json_key(&j, "violations");
	json_open_array(&j);
	for (size_t i = 0; i < r->violation_count; i++)
		json_put_string(&j, r->violations[i]);
	json_shut_array(&j);
	json_shut_object(&j);
	puts(text_end(&out));
}

static void
print_head(const struct report *r)
{
	const struct options *o = r->options;
	printf("%s: ", o->scenario);
	if (o->swarm)
		printf("drawn options");
	else
		printf("%u nodes, loss %g, delay %lld..%lld ms, %u s%s",
		    (unsigned)o->nodes, o->loss, (long long)o->delay_min_ms,
		    (long long)o->delay_max_ms, (unsigned)o->duration_s,
		    options_is_standin(o) ? ", a stand-in for cryptography" : "");
	if (o->seeds > 1)
		printf("; worst of seeds %llu..%llu\n", (unsigned long long)o->seed,
		    (unsigned long long)(o->seed + o->seeds - 1));
	else
		printf("; seed %llu\n", (unsigned long long)o->seed);
}

void
report_print_text(const struct report *r)
{
	print_head(r);
	for (size_t i = 0; i < r->count; i++) {
		const struct figure *f = &r->figures[i];
		printf("%-28s %-4s %-12.6g", f->name, f->point != NULL ? f->point : "",
		    f->value);
		if (r->options->seeds > 1)
			printf(" seed %llu", (unsigned long long)f->seed);
		putchar('\n');
	}
	for (size_t c = 0; r->options->counters && c < COUNT_MESH; c++)
		if (r->sums[c] > 0)
			printf("%-28s      %llu\n", mesh_counters.rows[c].name,
			    (unsigned long long)r->sums[c]);
	for (size_t i = 0; i < r->violation_count; i++)
		printf("%-28s %s\n", "VIOLATED", r->violations[i]);
	printf("%.1f s of real time\n", r->wall_s);
}
