/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "form/interview.h"
#include "wire/campaign.h"
#include "wire/header.h"

G_BEGIN_DECLS

/**
 * PlazaRecord: one response as a JSON object keyed by question name: text, numbers and booleans as
 * such, several choices as an array of strings (or one string with spaces), a repeat as an array of
 * objects. Members whose name begins with "_" are left alone; null and "" answer nothing.
 *
 * It is gone through as a person would: page by page in the form's order, each question that is
 * relevant when its turn comes, until an outcome of the campaign is due or the pages end.
 */

/** How an answer is given; FALSE with @error when it is refused. */
typedef gboolean (*PlazaRecordSetter) (PlazaField *field,
                                       const char *value,
                                       gpointer user_data,
                                       GError **error);

typedef struct
{
  PlazaInterview *interview;
  PlazaRecordSetter set;
  PlazaField *(*add) (PlazaField *repeat, gpointer user_data, GError **error);
  int (*outcome) (gpointer user_data); /* a PlazaOutcome that is due, or -1 */
  gpointer user_data;
  gboolean keep_folio; /* give the record's folio instead of the one that is there */
  char *ref;           /* out: of the answer that was refused. Owned. */
} PlazaRecordTarget;

/** plaza_record_check: every member is a question of @form, in the right place and of a type that
 * an answer can have. @out_ref: (transfer full): the offending member. */
gboolean plaza_record_check (JsonObject *record, PlazaForm *form, char **out_ref, GError **error);

/** plaza_record_fill: gives the answers of @record to @target, stopping at the first that is
 *  refused or breaks its constraint (target->ref says which) or when an outcome is due. */
gboolean plaza_record_fill (JsonObject *record, PlazaRecordTarget *target, GError **error);

/** plaza_record_get: (transfer full) (nullable): a top-level answer as text. */
char *plaza_record_get (JsonObject *record, const char *name);

/** plaza_record_fill_text: (transfer full) (nullable): the answer to the field whose `plaza:fill`
 *  is @fill. */
char *plaza_record_fill_text (JsonObject *record, PlazaForm *form, const char *fill);

/** plaza_record_validity_words: why an answer is not accepted, for people, translated. */
const char *plaza_record_validity_words (PlazaValidity validity);

G_END_DECLS
