/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/form.h"

G_BEGIN_DECLS

/* What a submission can have against its form. */
typedef enum
{
  PLAZA_MARK_REQUIRED,     /* relevant, required, empty */
  PLAZA_MARK_CONSTRAINT,   /* its constraint is false */
  PLAZA_MARK_UNKNOWN_NODE, /* an element the form does not have */
  PLAZA_MARK_CHOICE,       /* a value that is not one of the choices */
  PLAZA_MARK_TYPE,         /* not of its value type */
  PLAZA_MARK_NOT_RELEVANT, /* present with a value though not relevant */
  PLAZA_MARK_CONTACT,      /* a contact node: it must not be in a submission */
  PLAZA_MARK_FORM,         /* form id or version differ, or it could not be computed */
} PlazaMarkCode;

/* One finding; nothing is ever thrown away for it. */
typedef struct
{
  PlazaMarkCode code;
  char *ref;     /* positional ref in the submission */
  char *message; /* English, for logs and tables; holds no answer */
} PlazaMark;

void plaza_mark_free (PlazaMark *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaMark, plaza_mark_free)

/** plaza_mark_code_get_name: `required`, `constraint`, `unknown-node`, `choice`, `type`,
 *  `not-relevant`, `contact`, `form`. */
const char *plaza_mark_code_get_name (PlazaMarkCode code);

/**
 * plaza_form_validate_submission: judges submission XML with the same engine that asks. The contact
 * class is out of scope, as it is out of the submission.
 *
 * Returns: (transfer full) (element-type PlazaMark): in document order, empty when all is well;
 * NULL with PLAZA_ERROR_INVALID when @xml is no XML at all or PLAZA_ERROR_LIMIT.
 */
GPtrArray *plaza_form_validate_submission (PlazaForm *self, GBytes *xml, GError **error);

G_END_DECLS
