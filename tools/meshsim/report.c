#include "report.h"
#include "json_out.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
series_add(struct series *s, double value)
{
	if (s->count == s->cap) {
		s->cap = s->cap > 0 ? 2 * s->cap : 64;
		s->values = realloc(s->values, s->cap * sizeof *s->values);
		if (s->values == NULL)
			abort();
	}
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
report_take_violations(struct report *r, const struct world *w)
{
	for (size_t i = 0; i < w->violation_count; i++)
		report_violation(r, "%s", w->violations[i]);
}

static void
put_series(struct json_out *j, const char *key, struct series *s)
{
	static const struct {
		const char *name;
		double p;
	} points[] = { { "p50", 50 }, { "p99", 99 }, { "max", 100 } };
	if (s->count == 0)
		return;
	json_key(j, key);
	json_open_object(j);
	for (size_t i = 0; i < LENGTH(points); i++) {
		json_key(j, points[i].name);
		json_put_f64(j, series_percentile(s, points[i].p));
	}
	json_shut_object(j);
}

static void
put_number(struct json_out *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_put_u64(j, n);
}

static void
put_records(struct json_out *j, struct report *r)
{
	put_number(j, "expected", r->expected);
	put_number(j, "delivered", r->delivered);
	put_number(j, "duplicates", r->duplicates);
	json_key(j, "copies_per_node");
	json_put_f64(j, r->copies_per_node);
	put_series(j, "latency_ms", &r->latency_ms);
}

static void
put_figures(struct json_out *j, struct report *r)
{
	if (r->has_converge) {
		json_key(j, "converge_s");
		json_put_f64(j, r->converge_s);
	}
	put_series(j, "idle_bytes_per_s", &r->idle_bytes_per_s);
	put_series(j, "detect_s", &r->detect_s);
	if (r->has_detect)
		put_number(j, "false_positives", r->false_positives);
	if (r->has_records)
		put_records(j, r);
	put_number(j, "bytes", r->bytes);
}

static void
put_options(struct json_out *j, const struct report *r)
{
	char schema[64];
	snprintf(schema, sizeof schema, "meshsim.%s/1", r->scenario);
	json_key(j, "schema");
	json_put_string(j, schema);
	put_number(j, "nodes", r->nodes);
	put_number(j, "seed", r->seed);
	json_key(j, "loss");
	json_put_f64(j, r->loss);
	put_number(j, "duration_s", r->duration_s);
	json_key(j, "crypto");
	json_put_string(j, r->standin ? "standin" : "real");
}

void
report_print_json(struct report *r)
{
	static char block[16384];
	struct bytes_out out = bytes_out(block, sizeof block);
	struct json_out j = json_out(&out);
	json_open_object(&j);
	put_options(&j, r);
	put_figures(&j, r);
	json_key(&j, "violations");
	json_open_array(&j);
	for (size_t i = 0; i < r->violation_count; i++)
		json_put_string(&j, r->violations[i]);
	json_shut_array(&j);
	json_shut_object(&j);
	puts(text_end(&out));
}

static void
print_series(const char *name, const char *unit, struct series *s)
{
	if (s->count > 0)
		printf("%-18s p50 %.4g %s, p99 %.4g %s, max %.4g %s\n", name,
		    series_percentile(s, 50), unit, series_percentile(s, 99), unit,
		    series_percentile(s, 100), unit);
}

void
report_print_text(struct report *r)
{
	printf("%s: %u nodes, seed %llu, loss %g%s\n", r->scenario, (unsigned)r->nodes,
	    (unsigned long long)r->seed, r->loss,
	    r->standin ? ", a stand-in for cryptography" : "");
	if (r->has_converge)
		printf("%-18s %.3f s\n", "converged after", r->converge_s);
	print_series("idle", "B/s", &r->idle_bytes_per_s);
	print_series("detected after", "s", &r->detect_s);
	if (r->has_detect)
		printf("%-18s %llu\n", "false alarms",
		    (unsigned long long)r->false_positives);
	if (r->has_records) {
		printf("%-18s %llu of %llu, %.2f copies per node\n", "delivered",
		    (unsigned long long)r->delivered, (unsigned long long)r->expected,
		    r->copies_per_node);
		print_series("latency", "ms", &r->latency_ms);
	}
	for (size_t i = 0; i < r->violation_count; i++)
		printf("%-18s %s\n", "VIOLATED", r->violations[i]);
}

void
report_free(struct report *r)
{
	free(r->idle_bytes_per_s.values);
	free(r->detect_s.values);
	free(r->latency_ms.values);
}
