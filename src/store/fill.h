/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/interview.h"
#include "store/session.h"

G_BEGIN_DECLS

/** PlazaFill: a field that a program fills in (`plaza:fill`), and what belongs there. */
typedef struct
{
  PlazaField *field;
  char *value;
} PlazaFill;

void plaza_fill_free (PlazaFill *fill);

/**
 * plaza_fill_list: the fields whose value is not yet what mode, folio, date and session say.
 * `session` fields are known by their last name, as in the canonical form.
 * @folio, @mode: (nullable): left as they are
 * Returns: (transfer full) (element-type PlazaFill)
 */
GPtrArray *plaza_fill_list (PlazaInterview *interview,
                            const char *session_id,
                            const PlazaSessionFields *session,
                            const char *folio,
                            const char *mode);

G_END_DECLS
