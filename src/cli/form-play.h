/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/interview.h"

G_BEGIN_DECLS

/**
 * plaza_form_play: reads one JSON object a line on standard input and answers each with one line on
 * standard output; the first line out is the whole first state.
 *
 *   {"op":"answer","ref":"/data/x","value":"…"}   value: text, number, boolean, null, or an array
 *   {"op":"add","ref":"/data/r"}                  one more instance of a repeat
 *   {"op":"remove","ref":"/data/r[2]"}  {"op":"restore","ref":"/data/r[@2]"}
 *   {"op":"language","language":"es"}  {"op":"state"}  {"op":"missing"}  {"op":"xml"}
 *
 * Out: {"changed":{ref:{type, relevant, required, readonly, valid, value, options, label…}},
 * "gone":[ref…]}, or with "state" instead of "changed" everything; "error" when something was
 * refused. An answer that is not of its type leaves the question empty, and is an error.
 */
gboolean plaza_form_play (PlazaInterview *interview, GError **error);

G_END_DECLS
