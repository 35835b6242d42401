/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/form.h"

G_BEGIN_DECLS

/**
 * PlazaField: one node of a live interview: group, repeat, repeat instance, question or other
 * value. A plain handle that belongs to its interview and lives as long as it, also while its
 * repeat instance is parked. Strings it returns are valid until the interview next changes.
 */
typedef struct _PlazaField PlazaField;

/* What may change in a field. */
typedef enum
{
  PLAZA_CHANGED_VALUE = 1 << 0,
  PLAZA_CHANGED_RELEVANT = 1 << 1, /* its own or an ancestor's */
  PLAZA_CHANGED_REQUIRED = 1 << 2,
  PLAZA_CHANGED_READONLY = 1 << 3,
  PLAZA_CHANGED_VALIDITY = 1 << 4,
  PLAZA_CHANGED_CHOICES = 1 << 5,
  PLAZA_CHANGED_LABEL = 1 << 6, /* label, hint, guidance or message, through an output */
} PlazaChanges;

/* How a field stands; the first that holds. A field that is not relevant is always OK. */
typedef enum
{
  PLAZA_VALIDITY_OK,
  PLAZA_VALIDITY_REQUIRED,   /* required and empty */
  PLAZA_VALIDITY_TYPE,       /* not of its value type (only from earlier answers or defaults) */
  PLAZA_VALIDITY_CHOICE,     /* holds a value that is not (or no longer) one of its choices */
  PLAZA_VALIDITY_CONSTRAINT, /* its constraint is false */
} PlazaValidity;

/* One choice of a select or rank, in the current language. */
typedef struct
{
  const char *value;
  const char *label; /* falls back to another language, then to the value */
  const char *image; /* (nullable): jr:// address; so the next two */
  const char *audio;
  const char *video;
} PlazaChoice;

PlazaModelNode *plaza_field_get_model (PlazaField *self);
PlazaFieldKind plaza_field_get_kind (PlazaField *self);
PlazaValueType plaza_field_get_value_type (PlazaField *self);
PlazaControl plaza_field_get_control (PlazaField *self);
const char *plaza_field_get_name (PlazaField *self);

/** plaza_field_dup_ref: with positions: `/data/problemas[2]/tema`. */
char *plaza_field_dup_ref (PlazaField *self);

/**
 * plaza_field_dup_stable_ref: with serial ids, which are never reused within an interview:
 * `/data/problemas[@3]/tema`. What to log.
 */
char *plaza_field_dup_stable_ref (PlazaField *self);

PlazaField *plaza_field_get_parent (PlazaField *self);
guint plaza_field_get_n_children (PlazaField *self);
PlazaField *plaza_field_get_child (PlazaField *self, guint index);

/** plaza_field_get_instance: (nullable): the innermost repeat instance it is in, or is. */
PlazaField *plaza_field_get_instance (PlazaField *self);

/** plaza_field_get_position: 1-based place of an instance in its repeat; 0 while parked. */
guint plaza_field_get_position (PlazaField *self);

/** plaza_field_is_parked: it is, or is in, an instance that is parked or removed. */
gboolean plaza_field_is_parked (PlazaField *self);

/** plaza_field_can_add, _can_remove: of a repeat, of an instance. */
gboolean plaza_field_can_add (PlazaField *self);
gboolean plaza_field_can_remove (PlazaField *self);

/** plaza_field_is_relevant: itself and all its ancestors. */
gboolean plaza_field_is_relevant (PlazaField *self);
gboolean plaza_field_is_required (PlazaField *self);
/** plaza_field_is_readonly: by itself or an ancestor. */
gboolean plaza_field_is_readonly (PlazaField *self);

PlazaValidity plaza_field_get_validity (PlazaField *self);

/**
 * plaza_field_get_message: (nullable): the form's own message for the present validity (constraint
 * or required), in the current language; NULL when valid or when the form has none.
 */
const char *plaza_field_get_message (PlazaField *self);

/** plaza_field_get_value: "" when empty; as stored, whether relevant or not. */
const char *plaza_field_get_value (PlazaField *self);

/** plaza_field_has_choice: @value is one of the space-separated parts of its value. */
gboolean plaza_field_has_choice (PlazaField *self, const char *value);

/** plaza_field_is_answered: a person (or program) gave it, or for a group any of its fields, a
 * value that is still there; calculates, defaults and preloads do not count. */
gboolean plaza_field_is_answered (PlazaField *self);

/** plaza_field_get_label, _get_hint, _get_guidance: (nullable): outputs filled in, in the current
 *  language, without blanks at the ends; Markdown is left as written. */
const char *plaza_field_get_label (PlazaField *self);
const char *plaza_field_get_hint (PlazaField *self);
const char *plaza_field_get_guidance (PlazaField *self);

/**
 * plaza_field_dup_media: (nullable): the label's `image`, `big-image`, `audio` or `video` address.
 */
char *plaza_field_dup_media (PlazaField *self, const char *form);

/**
 * plaza_field_get_choices: (element-type PlazaChoice): of a select or rank, filtered, in the form's
 * order (or randomised). Belongs to the field; valid until PLAZA_CHANGED_CHOICES or the language
 * changes. Empty for other fields.
 */
GPtrArray *plaza_field_get_choices (PlazaField *self);

/**
 * plaza_field_get_choice_number: 1-based place of @value in the whole list that the choices come
 * from, whatever filter stands on it; 0 when it is not there or the choices are in random order.
 * @out_total: (out) (nullable): how many the whole list has
 */
guint plaza_field_get_choice_number (PlazaField *self, const char *value, guint *out_total);

/**
 * plaza_field_dup_display: the value for people: choice labels joined with ", ", else the value.
 */
char *plaza_field_dup_display (PlazaField *self);

/**
 * plaza_field_dup_summary: what tells an instance from its siblings: the display of its first
 * select1 question if that is answered, else of its first answered question, else "".
 */
char *plaza_field_dup_summary (PlazaField *self);

/* The model's facts, for convenience. */
const char *plaza_field_get_privacy (PlazaField *self);
const char *plaza_field_get_paper (PlazaField *self);
const char *plaza_field_get_fill (PlazaField *self);
gboolean plaza_field_is_contact (PlazaField *self);
gboolean plaza_field_is_aloud (PlazaField *self);
gboolean plaza_field_has_appearance (PlazaField *self, const char *word);

const char *plaza_validity_get_name (PlazaValidity validity);

G_END_DECLS
