/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/field.h"
#include "form/form.h"
#include "form/page.h"

G_BEGIN_DECLS

/**
 * PlazaInterview: the live filling of a form. Holds the instance tree, takes answers, recomputes
 * what depends on them, and says what is relevant, required and valid. One thread only. It knows
 * no database: whoever wants an answer kept appends it to a log and gives the same calls again.
 *
 * Replay: the same form, the same context (instance_id, and a clock that gives the same times) and
 * the same sequence of set_answer / add_instance / remove_instance / restore_instance calls leave
 * exactly the same interview, stable refs and parked instances included. Log the stable refs.
 *
 * Signals:
 *  - `field-changed` (PlazaField *field (pointer), guint changes (PlazaChanges)): after a call
 *    is complete, once a field, in document order.
 *  - `structure-changed` (): instances came, left, were parked or restored.
 *  - `pages-changed` (): plaza_interview_get_pages() differs from before.
 *  - `language-changed` (): every text is to be read again.
 */
#define PLAZA_TYPE_INTERVIEW (plaza_interview_get_type ())
G_DECLARE_FINAL_TYPE (PlazaInterview, plaza_interview, PLAZA, INTERVIEW, GObject)

/** PlazaClockFunc: the time, in µs since 1970 UTC. */
typedef gint64 (*PlazaClockFunc) (gpointer user_data);

/* What the interview knows of the world. Strings may be NULL; everything is copied. */
typedef struct
{
  const char *instance_id;   /* `uuid:…`; NULL: the form's own preload makes one, if it has one */
  const char *deprecated_id; /* the revision this one corrects; written to meta/deprecatedID */
  const char *device_id;     /* property preloads, each "" when NULL */
  const char *username;
  const char *email;
  const char *phone_number;
  const char *language; /* as plaza_form_find_language() takes it; NULL: the form's default */
  PlazaClockFunc now;   /* of now(), today() and timestamps; NULL: the system's clock */
  gpointer now_data;
} PlazaInterviewContext;

/**
 * plaza_interview_new: starts one: defaults, first-load events, preloads, first computation.
 * @context: (nullable)
 *
 * Returns: (transfer full): or NULL with PLAZA_ERROR_LIMIT (an expression ran out of steps or
 * time, the form never settles). An expression that merely fails is empty; see
 * plaza_interview_get_problem().
 */
PlazaInterview *
plaza_interview_new (PlazaForm *form, const PlazaInterviewContext *context, GError **error);

/**
 * plaza_interview_new_from_submission: one that starts from earlier answers, for a correction
 * (@correct TRUE: new instanceID, deprecatedID = the old one unless @context says otherwise,
 * contact fields never relevant) or to look at it as it is (FALSE: no event, preload, calculate or
 * repeat count changes what was submitted). Unknown elements are ignored here; see
 * plaza_form_validate_submission().
 */
PlazaInterview *plaza_interview_new_from_submission (PlazaForm *form,
                                                     GBytes *xml,
                                                     gboolean correct,
                                                     const PlazaInterviewContext *context,
                                                     GError **error);

PlazaForm *plaza_interview_get_form (PlazaInterview *self);

/** plaza_interview_get_instance_id: `uuid:…`, the value of meta/instanceID. */
const char *plaza_interview_get_instance_id (PlazaInterview *self);

/** plaza_interview_dup_instance_name: the value of meta/instanceName, or "". */
char *plaza_interview_dup_instance_name (PlazaInterview *self);

/** plaza_interview_get_language, _set_language: at any time; changes texts only. */
const char *plaza_interview_get_language (PlazaInterview *self);
gboolean plaza_interview_set_language (PlazaInterview *self, const char *language, GError **error);

/**
 * plaza_interview_get_problem: (nullable): what went wrong in the form's own expressions while the
 * last call was recomputed (a limit, a bad regex, an ambiguous setvalue): PLAZA_ERROR_LIMIT,
 * PLAZA_ERROR_INVALID… An answer is kept whatever its form does with it; the expression counts as
 * empty. Belongs to the interview, until its next change.
 */
const GError *plaza_interview_get_problem (PlazaInterview *self);

/** plaza_interview_get_root: the root field; walk with plaza_field_get_child(). */
PlazaField *plaza_interview_get_root (PlazaInterview *self);

/**
 * plaza_interview_find: (nullable): by ref, positional (`/data/problemas[2]/tema`, a missing
 * position means the first) or stable (`/data/problemas[@3]/tema`). Stable refs find parked
 * instances and what is in them too.
 */
PlazaField *plaza_interview_find (PlazaInterview *self, const char *ref);

/** plaza_interview_find_fill: (nullable): the first field whose `plaza:fill` is @fill. */
PlazaField *plaza_interview_find_fill (PlazaInterview *self, const char *fill);

/**
 * plaza_interview_find_name: (nullable): the first field of that last name inside @within (NULL:
 * anywhere); instances are not crossed, except from @within itself.
 */
PlazaField *plaza_interview_find_name (PlazaInterview *self, PlazaField *within, const char *name);

/**
 * plaza_interview_check_answer: whether plaza_interview_set_answer() would take @value, and what
 * would be stored. @out_normalised: (optional) (transfer full).
 */
gboolean plaza_interview_check_answer (PlazaInterview *self,
                                       PlazaField *field,
                                       const char *value,
                                       char **out_normalised,
                                       GError **error);

/**
 * plaza_interview_set_answer: stores a person's answer and recomputes.
 * @value: as text in XForms lexical form: NFC on storing; numbers `12`, `-3.5`; dates
 *  `2019-06-04`; times `16:20`; select multiple and rank space separated; "" or NULL clears
 *
 * Stored means TRUE, also when it breaks its constraint: ask plaza_field_get_validity().
 * Refused, nothing changed: PLAZA_ERROR_INVALID (not of its value type; not among its choices; out
 * of its range; not a question), PLAZA_ERROR_REFUSED (read-only, not relevant, put aside),
 * PLAZA_ERROR_LIMIT (more than 1 MiB of text).
 */
gboolean plaza_interview_set_answer (PlazaInterview *self,
                                     PlazaField *field,
                                     const char *value,
                                     GError **error);

/**
 * plaza_interview_set_value: as plaza_interview_set_answer(), but also for fields that are not
 * asked, are read-only or not relevant: folio, session facts, what a program fills in.
 */
gboolean plaza_interview_set_value (PlazaInterview *self,
                                    PlazaField *field,
                                    const char *value,
                                    GError **error);

/* Repeats */

/**
 * plaza_interview_add_instance: one more instance at the end of @repeat.
 * Returns: (transfer none): or NULL with PLAZA_ERROR_REFUSED (its count is computed or fixed) or
 * PLAZA_ERROR_LIMIT.
 */
PlazaField *plaza_interview_add_instance (PlazaInterview *self, PlazaField *repeat, GError **error);

/**
 * plaza_interview_remove_instance: takes @instance out and keeps it aside with its answers, so that
 * plaza_interview_restore_instance() is the undo. PLAZA_ERROR_REFUSED when the count is computed
 * or fixed.
 */
gboolean
plaza_interview_remove_instance (PlazaInterview *self, PlazaField *instance, GError **error);

/**
 * plaza_interview_restore_instance: brings back what was removed, to where it was. A parked
 * instance of a counted repeat cannot be restored by hand (PLAZA_ERROR_REFUSED): it comes back when
 * its choice is marked again.
 */
gboolean
plaza_interview_restore_instance (PlazaInterview *self, PlazaField *instance, GError **error);

/**
 * plaza_interview_get_parked: (transfer container) (element-type PlazaField): the instances that
 * are out of the tree and of the submission but keep their answers, in the order they left: parked
 * because their repeat's count dropped, or removed.
 *
 * When a counted repeat shrinks, first leave instances that hold a select answer which is no longer
 * among its choices (the topic was unmarked), then untouched ones from the end, then the last.
 * When it grows, a parked instance whose select answers are choices again comes back, with its
 * answers and stable id, before a blank one is made. No text ever changes instance.
 */
GPtrArray *plaza_interview_get_parked (PlazaInterview *self);

/* Pages */

/**
 * plaza_interview_get_pages: (transfer none) (element-type PlazaPage): the relevant pages in order.
 * Valid until `pages-changed`; a page that stays keeps its PlazaPage object.
 */
GPtrArray *plaza_interview_get_pages (PlazaInterview *self);

/** plaza_interview_find_page: (nullable) (transfer none): by stable key. */
PlazaPage *plaza_interview_find_page (PlazaInterview *self, const char *key);

/** plaza_interview_get_page_of: (nullable) (transfer none): the relevant page that shows @field. */
PlazaPage *plaza_interview_get_page_of (PlazaInterview *self, PlazaField *field);

/* What is missing */

typedef enum
{
  PLAZA_SCOPE_ALL,
  PLAZA_SCOPE_WITHOUT_CONTACT, /* leaves out what plaza_model_node_is_contact() */
} PlazaScope;

/* One relevant field that is not as it should be. */
typedef struct
{
  PlazaField *field;
  PlazaPage *page; /* (nullable): where it is asked; NULL when it is not asked */
  PlazaValidity validity;
  char *message; /* the form's message in the current language, or NULL */
} PlazaMissing;

void plaza_missing_free (PlazaMissing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaMissing, plaza_missing_free)

/**
 * plaza_interview_get_missing: (transfer full) (element-type PlazaMissing): required and empty, or
 * invalid, in page order; empty means it may be finished.
 */
GPtrArray *plaza_interview_get_missing (PlazaInterview *self, PlazaScope scope);

/* Outcome, submission, contact */

/**
 * plaza_interview_test: evaluates an XPath boolean on the live interview, at the root (campaign
 * outcomes).
 */
gboolean plaza_interview_test (PlazaInterview *self,
                               const char *expression,
                               gboolean *out_value,
                               GError **error);

/** plaza_interview_evaluate: as plaza_interview_test(), for a string. (transfer full) */
char *plaza_interview_evaluate (PlazaInterview *self, const char *expression, GError **error);

/**
 * plaza_interview_finish: sets the end timestamp and gives the submission XML: UTF-8, relevant
 * nodes only, no templates, no contact node nor anything calculated from one. Serialise once,
 * keep these bytes.
 */
GBytes *plaza_interview_finish (PlazaInterview *self, GError **error);

/** plaza_interview_serialize: the submission XML as it is now, setting nothing. */
GBytes *plaza_interview_serialize (PlazaInterview *self);

/* One answer that leaves on its own way. */
typedef struct
{
  const char *name; /* last part of the ref; belongs to the form */
  char *value;
} PlazaContactAnswer;

void plaza_contact_answer_free (PlazaContactAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaContactAnswer, plaza_contact_answer_free)

/**
 * plaza_interview_get_contact_answers: (transfer full) (element-type PlazaContactAnswer): the
 * relevant, non-empty contact answers, in form order. Empty when there is no contact record: that
 * is, when none of them was typed (a consent of "no" is nothing to keep).
 */
GPtrArray *plaza_interview_get_contact_answers (PlazaInterview *self);

G_END_DECLS
