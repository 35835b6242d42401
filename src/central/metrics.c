/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "plaza-central"

#include <stdatomic.h>

#include "central/metrics.h"

#define MAX_STATUS 600
#define MAX_KIND 32
#define MAX_RECEIPT_STATUS 8
#define MAX_BUCKETS 12

static const struct
{
  const char *name;
  const char *help;
} counters[PLAZA_N_METRICS] = {
  [PLAZA_METRIC_ENVELOPES] = { "plaza_envelopes_total", "Envelopes that were answered with a "
                                                        "receipt." },
  [PLAZA_METRIC_ENVELOPES_REFUSED] = { "plaza_envelopes_refused_total",
                                       "Envelopes that were not taken in." },
  [PLAZA_METRIC_ENVELOPES_QUARANTINED] = { "plaza_envelopes_quarantined_total",
                                           "Envelopes of revoked devices, kept apart." },
  [PLAZA_METRIC_ENTRIES_LATE] = { "plaza_entries_late_total",
                                  "Entries answered or keyed after the campaign's dates." },
  [PLAZA_METRIC_DEVICES_JOINED] = { "plaza_devices_joined_total", "Codes traded for a device." },
  [PLAZA_METRIC_ENROLMENTS_REFUSED] = { "plaza_enrolments_refused_total",
                                        "Wrong, used and expired codes." },
  [PLAZA_METRIC_BYTES_RECEIVED] = { "plaza_received_bytes_total", "Bodies of requests." },
  [PLAZA_METRIC_BYTES_SENT] = { "plaza_sent_bytes_total", "Bodies of answers." },
  [PLAZA_METRIC_DATABASE_ERRORS] = { "plaza_database_errors_total",
                                     "Groups of jobs that were not written." },
  [PLAZA_METRIC_DATABASE_RETRIES] = { "plaza_database_retries_total",
                                      "Groups of jobs that were tried once more." },
};

static const struct
{
  const char *name;
  const char *help;
} gauges[PLAZA_N_GAUGES] = {
  [PLAZA_GAUGE_CONNECTIONS] = { "plaza_connections", "Open connections." },
  [PLAZA_GAUGE_REQUESTS] = { "plaza_requests_running", "Requests begun and not answered." },
  [PLAZA_GAUGE_BODY_BYTES] = { "plaza_body_bytes", "Bodies in memory." },
  [PLAZA_GAUGE_DISK_FREE] = { "plaza_disk_free_bytes", "Free room of the central's directory." },
  [PLAZA_GAUGE_DISK_FLOOR] = { "plaza_disk_floor_bytes",
                               "Below this much free room nothing new is taken in." },
  [PLAZA_GAUGE_UPLOADS] = { "plaza_uploads_open", "Uploads by piece that are not whole yet." },
  [PLAZA_GAUGE_LAST_ENVELOPE] = { "plaza_last_envelope_seconds",
                                  "When an envelope was last taken in, since 1970." },
  [PLAZA_GAUGE_START] = { "plaza_start_seconds", "When the process began to serve, since 1970." },
};

static const struct
{
  const char *name;
  const char *help;
  guint n_buckets;
  double buckets[MAX_BUCKETS];
} histograms[PLAZA_N_HISTOGRAMS] = {
  [PLAZA_HISTOGRAM_GROUP_JOBS] = { "plaza_writer_group_jobs",
                                   "Jobs written by one commit.",
                                   8,
                                   { 1, 2, 4, 8, 16, 32, 64, 128 } },
  [PLAZA_HISTOGRAM_GROUP_SECONDS] = { "plaza_writer_group_seconds",
                                      "Time of one commit with its jobs.",
                                      11,
                                      { 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5,
                                        20 } },
  [PLAZA_HISTOGRAM_REQUEST_SECONDS] = { "plaza_request_seconds",
                                        "Time from the header of a request to its answer.",
                                        12,
                                        { 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 2, 10,
                                          60 } },
};

static _Atomic guint64 counter_values[PLAZA_N_METRICS];
static _Atomic gint64 gauge_values[PLAZA_N_GAUGES];
static _Atomic guint64 bucket_values[PLAZA_N_HISTOGRAMS][MAX_BUCKETS + 1];
static _Atomic guint64 micro_sums[PLAZA_N_HISTOGRAMS]; /* millionths */
static _Atomic guint64 requests[PLAZA_MAX_ROUTES + 1][MAX_STATUS];
static _Atomic guint64 entries[MAX_KIND][MAX_RECEIPT_STATUS];

void
plaza_metrics_add (PlazaMetric metric, guint64 n)
{
  atomic_fetch_add_explicit (&counter_values[metric], n, memory_order_relaxed);
}

guint64
plaza_metrics_get (PlazaMetric metric)
{
  return atomic_load_explicit (&counter_values[metric], memory_order_relaxed);
}

void
plaza_metrics_set (PlazaGauge gauge, gint64 value)
{
  atomic_store_explicit (&gauge_values[gauge], value, memory_order_relaxed);
}

void
plaza_metrics_observe (PlazaHistogram histogram, double value)
{
  guint i = 0;

  while (i < histograms[histogram].n_buckets && value > histograms[histogram].buckets[i])
    i++;
  atomic_fetch_add_explicit (&bucket_values[histogram][i], 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&micro_sums[histogram], (guint64) (MAX (value, 0) * 1e6),
                             memory_order_relaxed);
}

void
plaza_metrics_count_request (guint route, guint status)
{
  if (route <= plaza_n_routes && status < MAX_STATUS)
    atomic_fetch_add_explicit (&requests[route][status], 1, memory_order_relaxed);
}

void
plaza_metrics_count_entry (PlazaEntryKind kind, PlazaReceiptStatus status)
{
  if ((guint) kind < MAX_KIND && (guint) status < MAX_RECEIPT_STATUS)
    atomic_fetch_add_explicit (&entries[kind][status], 1, memory_order_relaxed);
}

/* Writing */

static void
head (GString *out, const char *name, const char *help, const char *type)
{
  g_string_append_printf (out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
write_requests (GString *out)
{
  head (out, "plaza_requests_total", "Answers by route and status.", "counter");
  for (guint route = 0; route <= plaza_n_routes; route++)
    for (guint status = 0; status < MAX_STATUS; status++)
      {
        guint64 n = requests[route][status];

        if (n > 0)
          g_string_append_printf (
              out,
              "plaza_requests_total{route=\"%s\",method=\"%s\",status=\"%u\"} %" G_GUINT64_FORMAT
              "\n",
              route < plaza_n_routes ? plaza_routes[route].path : "other",
              route < plaza_n_routes ? plaza_routes[route].method : "other", status, n);
      }
}

static void
write_entries (GString *out)
{
  head (out, "plaza_entries_total", "Entries by kind and what became of them.", "counter");
  for (guint kind = 0; kind < MAX_KIND; kind++)
    for (guint status = 0; status < MAX_RECEIPT_STATUS; status++)
      {
        guint64 n = entries[kind][status];

        if (n > 0)
          g_string_append_printf (
              out, "plaza_entries_total{kind=\"%s\",status=\"%s\"} %" G_GUINT64_FORMAT "\n",
              plaza_entry_kind_name ((PlazaEntryKind) kind),
              plaza_receipt_status_name ((PlazaReceiptStatus) status), n);
      }
}

static void
write_histogram (GString *out, guint which)
{
  const char *name = histograms[which].name;
  guint64 sum = micro_sums[which];
  guint64 count = 0;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  head (out, name, histograms[which].help, "histogram");
  for (guint i = 0; i < histograms[which].n_buckets; i++)
    {
      count += bucket_values[which][i];
      g_string_append_printf (
          out, "%s_bucket{le=\"%s\"} %" G_GUINT64_FORMAT "\n", name,
          g_ascii_formatd (number, sizeof number, "%g", histograms[which].buckets[i]), count);
    }
  count += bucket_values[which][histograms[which].n_buckets];
  g_string_append_printf (out,
                          "%s_bucket{le=\"+Inf\"} %" G_GUINT64_FORMAT "\n"
                          "%s_sum %s\n%s_count %" G_GUINT64_FORMAT "\n",
                          name, count, name,
                          g_ascii_formatd (number, sizeof number, "%.6f", (double) sum / 1e6), name,
                          count);
}

char *
plaza_metrics_write (void)
{
  GString *out = g_string_new (NULL);

  write_requests (out);
  write_entries (out);
  for (guint i = 0; i < PLAZA_N_METRICS; i++)
    {
      head (out, counters[i].name, counters[i].help, "counter");
      g_string_append_printf (out, "%s %" G_GUINT64_FORMAT "\n", counters[i].name,
                              (guint64) counter_values[i]);
    }
  for (guint i = 0; i < PLAZA_N_GAUGES; i++)
    {
      head (out, gauges[i].name, gauges[i].help, "gauge");
      g_string_append_printf (out, "%s %" G_GINT64_FORMAT "\n", gauges[i].name,
                              (gint64) gauge_values[i]);
    }
  for (guint i = 0; i < PLAZA_N_HISTOGRAMS; i++)
    write_histogram (out, i);
  return g_string_free (out, FALSE);
}
