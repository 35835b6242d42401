/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/form.h"

G_BEGIN_DECLS

/** plaza_value_type_parse: `int`, `xsd:dateTime`…; what is unknown is a string. */
PlazaValueType plaza_value_type_parse (const char *name);

/**
 * plaza_value_normalise: @text as its type writes it, or NULL when it is not of the type. "" always
 * is. With @cast, what has a sensible meaning is converted, as a calculate's result is: `2.5` for
 * an int is `2`, a moment for a date its day. (transfer full)
 */
char *plaza_value_normalise (PlazaValueType type, const char *text, gboolean cast);

G_END_DECLS
