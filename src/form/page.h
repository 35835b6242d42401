/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/field.h"

G_BEGIN_DECLS

/**
 * PlazaPage: what is asked at once: a `field-list` group, a repeat instance, or one other question.
 * Only relevant pages exist; a page's fields are relevant too.
 */
#define PLAZA_TYPE_PAGE (plaza_page_get_type ())
G_DECLARE_FINAL_TYPE (PlazaPage, plaza_page, PLAZA, PAGE, GObject)

/** plaza_page_get_key: stable (the stable ref of its field, or `#n`): what to resume on. */
const char *plaza_page_get_key (PlazaPage *self);

/**
 * plaza_page_get_field: (nullable): the group, repeat instance or question that the page is; NULL
 * for a group without a node. A repeat to which instances may be added ends in a page of its own,
 * whose field is the repeat.
 */
PlazaField *plaza_page_get_field (PlazaPage *self);

/**
 * plaza_page_get_title: in the current language: the group's label; of a repeat instance its
 * repeat's label; of a single question the label of its group, or "".
 */
const char *plaza_page_get_title (PlazaPage *self);

/** plaza_page_get_hint: (nullable): the group's hint. */
const char *plaza_page_get_hint (PlazaPage *self);

/**
 * plaza_page_get_fields: (transfer none) (element-type PlazaField): what to show, in order:
 * relevant questions and notes, and groups and repeats in the page (before what is in them) that
 * have a label of their own. Valid until `pages-changed`.
 */
GPtrArray *plaza_page_get_fields (PlazaPage *self);

/**
 * plaza_page_get_section, _get_n_sections: "section 3 of 7": 1-based. A section is a top-level
 * group or repeat of the body, or a run of single questions; all instances of a repeat are one.
 */
guint plaza_page_get_section (PlazaPage *self);
guint plaza_page_get_n_sections (PlazaPage *self);

/** plaza_page_get_position, _get_n_positions: place among the pages of its section, 1-based. */
guint plaza_page_get_position (PlazaPage *self);
guint plaza_page_get_n_positions (PlazaPage *self);

G_END_DECLS
