/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Dates and times as people type them: `4/6/2019` in the order of the language, `4 jun 2019`,
 * `4 de junio`, `2019-06-04`; `16:20`, `4:20 pm`, `1620`. Month names are those of the window.
 */

/* How much of a date is asked. */
typedef enum
{
  PLAZA_DATE_DAY,
  PLAZA_DATE_MONTH,
  PLAZA_DATE_YEAR,
} PlazaDateGrain;

/**
 * plaza_date_text_parse: @text as `YYYY-MM-DD` (the first day where less is asked); a missing year
 * is that of @today (`YYYY-MM-DD`). Returns: (transfer full) (nullable): NULL when it is no date.
 */
char *plaza_date_text_parse (const char *text, PlazaDateGrain grain, const char *today);

/* @date (`YYYY-MM-DD…`) for people, which plaza_date_text_parse() reads back; NULL when it is no
 * date. (transfer full) */
char *plaza_date_text_format (const char *date, PlazaDateGrain grain);

/* @text as `HH:MM`, or NULL. (transfer full) */
char *plaza_time_text_parse (const char *text);

G_END_DECLS
