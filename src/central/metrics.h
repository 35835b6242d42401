/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/gate.h"
#include "wire/entry.h"
#include "wire/receipt.h"

G_BEGIN_DECLS

/*
 * What this process counts, for /metrics of the operations socket. Plain atomic numbers of the
 * whole process: any thread adds to them without waiting, and nothing that names a person, a device
 * or a response can be a label.
 */

typedef enum
{
  PLAZA_METRIC_ENVELOPES,             /* taken in for the first time or again */
  PLAZA_METRIC_ENVELOPES_REFUSED,     /* not opened: signature, campaign, form */
  PLAZA_METRIC_ENVELOPES_QUARANTINED, /* of revoked devices, kept apart */
  PLAZA_METRIC_ENTRIES_LATE,          /* answered or keyed after the campaign's dates */
  PLAZA_METRIC_DEVICES_JOINED,
  PLAZA_METRIC_ENROLMENTS_REFUSED,
  PLAZA_METRIC_BYTES_RECEIVED, /* bodies */
  PLAZA_METRIC_BYTES_SENT,
  PLAZA_METRIC_DATABASE_ERRORS,  /* groups that were not written */
  PLAZA_METRIC_DATABASE_RETRIES, /* groups that were tried once more */
} PlazaMetric;

#define PLAZA_N_METRICS (PLAZA_METRIC_DATABASE_RETRIES + 1)

typedef enum
{
  PLAZA_GAUGE_CONNECTIONS,   /* open now */
  PLAZA_GAUGE_REQUESTS,      /* begun and not answered */
  PLAZA_GAUGE_BODY_BYTES,    /* in memory */
  PLAZA_GAUGE_DISK_FREE,     /* bytes, where the central's directory is */
  PLAZA_GAUGE_DISK_FLOOR,    /* bytes; below it nothing new is taken in */
  PLAZA_GAUGE_UPLOADS,       /* begun by piece and not whole */
  PLAZA_GAUGE_LAST_ENVELOPE, /* seconds since 1970 */
  PLAZA_GAUGE_START,         /* seconds since 1970 */
} PlazaGauge;

#define PLAZA_N_GAUGES (PLAZA_GAUGE_START + 1)

typedef enum
{
  PLAZA_HISTOGRAM_GROUP_JOBS,    /* jobs written by one commit */
  PLAZA_HISTOGRAM_GROUP_SECONDS, /* from begin to after the commit */
  PLAZA_HISTOGRAM_REQUEST_SECONDS,
} PlazaHistogram;

#define PLAZA_N_HISTOGRAMS (PLAZA_HISTOGRAM_REQUEST_SECONDS + 1)

void plaza_metrics_add (PlazaMetric metric, guint64 n);
guint64 plaza_metrics_get (PlazaMetric metric);

/** plaza_metrics_set: gauges say what is now. */
void plaza_metrics_set (PlazaGauge gauge, gint64 value);

void plaza_metrics_observe (PlazaHistogram histogram, double value);

/**
 * plaza_metrics_count_request: an answer. @route: plaza_route_number(), plaza_n_routes for a path
 * that is no route.
 */
void plaza_metrics_count_request (guint route, guint status);

/** plaza_metrics_count_entry: one entry's fate, after the commit. */
void plaza_metrics_count_entry (PlazaEntryKind kind, PlazaReceiptStatus status);

/** plaza_metrics_write: all of it in the Prometheus text format 0.0.4. Returns: (transfer full). */
char *plaza_metrics_write (void);

G_END_DECLS
