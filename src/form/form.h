/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "form/media.h"

G_BEGIN_DECLS

/**
 * PlazaForm: a loaded ODK XForm: model, binds, body, texts, choice lists and compiled expressions.
 * Immutable and reference counted (atomically): any number of interviews, in any thread, may share
 * one. A form is loaded whole or not at all.
 *
 * Where names are XForms terms they mean what the ODK XForms specification says.
 */
typedef struct _PlazaForm PlazaForm;

#define PLAZA_TYPE_FORM (plaza_form_get_type ())
GType plaza_form_get_type (void);

/* What a hostile or careless form may cost. */
typedef struct
{
  gsize max_bytes;            /* of the form's XML */
  gsize max_media_bytes;      /* of each secondary instance file */
  guint max_depth;            /* of elements */
  guint max_nodes;            /* of the primary instance, blank and with all its repeat instances */
  guint max_choices;          /* items of all secondary instances and inline choices together */
  guint max_repeat_instances; /* of one repeat, whatever jr:count says */
  guint max_milliseconds;     /* of one recomputation */
} PlazaFormLimits;

extern const PlazaFormLimits PLAZA_FORM_LIMITS_DEFAULT;

/**
 * plaza_form_new: loads an XForm.
 * @xml: the form's bytes
 * @media: (nullable): where its secondary instances from files are found
 * @limits: (nullable): NULL for PLAZA_FORM_LIMITS_DEFAULT
 *
 * Returns: (transfer full): or NULL with PLAZA_ERROR_INVALID (not an XForm, broken XPath, a
 * dependency cycle: the message names its refs), PLAZA_ERROR_UNSUPPORTED (element or function
 * Plaza lacks; the message begins with `line N: <element>`), PLAZA_ERROR_LIMIT, or
 * PLAZA_ERROR_NOT_FOUND (a media file).
 */
PlazaForm *
plaza_form_new (GBytes *xml, PlazaMedia *media, const PlazaFormLimits *limits, GError **error);

PlazaForm *plaza_form_ref (PlazaForm *self);
void plaza_form_unref (PlazaForm *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaForm, plaza_form_unref)

/** plaza_form_get_id, _get_version, _get_title: "" when the form does not say. */
const char *plaza_form_get_id (PlazaForm *self);
const char *plaza_form_get_version (PlazaForm *self);
const char *plaza_form_get_title (PlazaForm *self);

/**
 * plaza_form_get_warnings: (transfer none): NULL-terminated: what the form says that has no effect,
 * like a question for a node that is not there; with line and element.
 */
const char *const *plaza_form_get_warnings (PlazaForm *self);

/**
 * plaza_form_get_languages: (transfer none): NULL-terminated, in the form's order, as the form
 * writes them (`Español (es)`); empty when the form has no itext.
 */
const char *const *plaza_form_get_languages (PlazaForm *self);

/** plaza_form_get_default_language: (nullable): one of plaza_form_get_languages(). */
const char *plaza_form_get_default_language (PlazaForm *self);

/**
 * plaza_form_find_language: (nullable): the form's language for @wanted: exact, or by the code in
 * brackets (`es`), or by that code's first part (`es_MX.UTF-8` finds `Español (es)`).
 */
const char *plaza_form_find_language (PlazaForm *self, const char *wanted);

/* The type of a value; what is unknown is a string, as the specification says. */
typedef enum
{
  PLAZA_VALUE_NONE, /* a group, a repeat: holds no value */
  PLAZA_VALUE_STRING,
  PLAZA_VALUE_INT,
  PLAZA_VALUE_DECIMAL,
  PLAZA_VALUE_BOOLEAN,
  PLAZA_VALUE_DATE,
  PLAZA_VALUE_TIME,
  PLAZA_VALUE_DATETIME,
  PLAZA_VALUE_GEOPOINT,
  PLAZA_VALUE_GEOTRACE,
  PLAZA_VALUE_GEOSHAPE,
  PLAZA_VALUE_BINARY,
  PLAZA_VALUE_BARCODE,
  PLAZA_VALUE_INTENT,
} PlazaValueType;

/* How a question is asked. */
typedef enum
{
  PLAZA_CONTROL_NONE,    /* not asked: a calculate, metadata, hidden */
  PLAZA_CONTROL_INPUT,   /* typed; its value type says what */
  PLAZA_CONTROL_NOTE,    /* an always read-only input without a value: only its label is shown */
  PLAZA_CONTROL_SELECT1, /* one of its choices */
  PLAZA_CONTROL_SELECT,  /* any of its choices; value is space separated */
  PLAZA_CONTROL_RANK,    /* all its choices in an order; value is space separated */
  PLAZA_CONTROL_RANGE,   /* a number between the parameters start and end, by step */
  PLAZA_CONTROL_TRIGGER, /* to acknowledge; value is "OK" */
  PLAZA_CONTROL_UPLOAD,  /* a file, by name */
} PlazaControl;

/* What a node of the questionnaire is. */
typedef enum
{
  PLAZA_FIELD_ROOT,     /* the primary instance's root element */
  PLAZA_FIELD_GROUP,    /* holds others */
  PLAZA_FIELD_REPEAT,   /* a repeat itself: holds its instances */
  PLAZA_FIELD_INSTANCE, /* one instance of a repeat (interviews only, never in the model) */
  PLAZA_FIELD_VALUE,    /* holds a value: a question, a calculate, a note */
} PlazaFieldKind;

/**
 * PlazaModelNode: one node of the form's primary instance with its bind and its control. Belongs
 * to its form.
 */
typedef struct _PlazaModelNode PlazaModelNode;

/**
 * plaza_form_get_n_nodes, _get_node: the model in document order, parents before children; node 0
 * is the root. A repeat appears once (as PLAZA_FIELD_REPEAT) whatever its number of instances.
 */
guint plaza_form_get_n_nodes (PlazaForm *self);
PlazaModelNode *plaza_form_get_node (PlazaForm *self, guint index);

/** plaza_form_find_node: (nullable): by template ref, `/data/problemas/tema`. */
PlazaModelNode *plaza_form_find_node (PlazaForm *self, const char *ref);

/** plaza_model_node_get_ref: the template ref, without positions. */
const char *plaza_model_node_get_ref (PlazaModelNode *self);

/** plaza_model_node_get_name: the last part of the ref, with its prefix if it has one. */
const char *plaza_model_node_get_name (PlazaModelNode *self);

PlazaFieldKind plaza_model_node_get_kind (PlazaModelNode *self);
PlazaModelNode *plaza_model_node_get_parent (PlazaModelNode *self);
PlazaValueType plaza_model_node_get_value_type (PlazaModelNode *self);
PlazaControl plaza_model_node_get_control (PlazaModelNode *self);

/** plaza_model_node_get_repeat: (nullable): the innermost repeat it is in (itself if it is one). */
PlazaModelNode *plaza_model_node_get_repeat (PlazaModelNode *self);

/**
 * plaza_model_node_get_privacy: (nullable): the `plaza:privacy` class: public, aggregate,
 * restricted, reviewed, internal, contact; its own or else its nearest ancestor's.
 */
const char *plaza_model_node_get_privacy (PlazaModelNode *self);

/**
 * plaza_model_node_is_contact: its privacy class is `contact`, or it is calculated (directly or
 * through others) from a node that is. Such a node never enters a submission.
 */
gboolean plaza_model_node_is_contact (PlazaModelNode *self);

/** plaza_model_node_get_paper, _get_fill: (nullable): `plaza:paper`, `plaza:fill` as written. */
const char *plaza_model_node_get_paper (PlazaModelNode *self);
const char *plaza_model_node_get_fill (PlazaModelNode *self);

/** plaza_model_node_is_aloud: `plaza:aloud="yes"`: its label is to be read aloud. */
gboolean plaza_model_node_is_aloud (PlazaModelNode *self);

/** plaza_model_node_is_calculated: its value comes from an expression, never from a person. */
gboolean plaza_model_node_is_calculated (PlazaModelNode *self);

/** plaza_model_node_has_appearance: @word is one of the control's appearances. */
gboolean plaza_model_node_has_appearance (PlazaModelNode *self, const char *word);

/** plaza_model_node_get_appearances: (transfer none): NULL-terminated. */
const char *const *plaza_model_node_get_appearances (PlazaModelNode *self);

/**
 * plaza_model_node_get_parameter: (nullable): an attribute of the control: `start`, `end`, `step`
 * (range), `rows` (text), `mediatype`, `accept` (upload), `query`…
 */
const char *plaza_model_node_get_parameter (PlazaModelNode *self, const char *name);

/** plaza_model_node_get_range: start, end and step of a range; FALSE when it is not one. */
gboolean
plaza_model_node_get_range (PlazaModelNode *self, double *start, double *end, double *step);

/**
 * plaza_model_node_get_max_length: characters a text may have, when its constraint says so as
 * `string-length(.) <= N` (alone or joined with `and`); 0 when it does not.
 */
guint plaza_model_node_get_max_length (PlazaModelNode *self);

/** plaza_value_type_get_name, plaza_control_get_name, plaza_field_kind_get_name: for messages. */
const char *plaza_value_type_get_name (PlazaValueType type);
const char *plaza_control_get_name (PlazaControl control);
const char *plaza_field_kind_get_name (PlazaFieldKind kind);

G_END_DECLS
