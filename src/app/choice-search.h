/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/field.h"

G_BEGIN_DECLS

/**
 * PlazaChoiceSearch: the choices of a question folded once, to be searched as one types: «numi»
 * finds «Ñumí». It copies what it needs; the choices may change afterwards.
 */
typedef struct _PlazaChoiceSearch PlazaChoiceSearch;

/* @choices: (element-type PlazaChoice) */
PlazaChoiceSearch *plaza_choice_search_new (GPtrArray *choices);
void plaza_choice_search_free (PlazaChoiceSearch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaChoiceSearch, plaza_choice_search_free)

guint plaza_choice_search_get_size (PlazaChoiceSearch *self);

/* The value and what is shown of choice @index. A label that another choice has too is followed by
 * its value, so that homonyms differ. */
const char *plaza_choice_search_get_value (PlazaChoiceSearch *self, guint index);
const char *plaza_choice_search_get_label (PlazaChoiceSearch *self, guint index);

/* Index of the choice with @value, or -1. */
int plaza_choice_search_find_value (PlazaChoiceSearch *self, const char *value);

/**
 * plaza_choice_search_match: (transfer full) (element-type guint): the choices that match @text,
 * best first: the whole label, labels that begin with it, labels with a word that begins with it,
 * labels where each of its words begins a word, labels that hold it. Everything for blank text.
 */
GArray *plaza_choice_search_match (PlazaChoiceSearch *self, const char *text);

/* The only choice whose label (or value) is @text but for case and accents, or -1. */
int plaza_choice_search_find_exact (PlazaChoiceSearch *self, const char *text);

G_END_DECLS
