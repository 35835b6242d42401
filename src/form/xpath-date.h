/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/xpath-private.h"

G_BEGIN_DECLS

/* A moment as a calendar and a clock on the wall show it. */
typedef struct
{
  gint64 year;
  int month; /* 1-12 */
  int day;
  int weekday; /* 0 = Sunday */
  int hour;
  int minute;
  int second;
  int millisecond;
  int offset; /* seconds east of UTC */
} XpCivil;

/* FALSE for NaN and what is far outside any calendar. */
gboolean xp_civil_from_moment (XpEval *eval, double milliseconds, XpCivil *civil);

/* Seconds since 1970 as if the wall clock were UTC. */
gint64 xp_civil_seconds (const XpCivil *civil);
gint64 xp_local_to_utc (GTimeZone *zone, gint64 local_seconds);

/* HH[:MM[:SS[.fraction]]] and Z or ±HH:MM (at most 14:59) at *p, which moves behind it. */
gboolean xp_parse_time (const char **p, XpCivil *civil);
gboolean xp_parse_offset (const char **p, int *seconds, gboolean *present);

G_END_DECLS
