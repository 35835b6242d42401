/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/xpath-private.h"

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC (XpExpr, xp_expr_free)

XpExpr *xp_expr_new (XpOp op);

/* Adds @operand, which from now on belongs to @self. */
void xp_expr_add_operand (XpExpr *self, XpExpr *operand);

/* The same for any list of expressions. */
void xp_expr_list_add (XpExpr ***array, guint *n, XpExpr *expr);

/* A new last step; valid until the next one is added. */
XpStep *xp_expr_add_step (XpExpr *path, XpAxis axis, XpTest test);

/* After the last step of a path was read: sees whether rows can be found by a table… */
void xp_step_find_key (XpStep *step);

/* …joins the step with the // before it where that means the same… */
void xp_expr_shorten_double_slash (XpExpr *path);

/* …and when all were read, whether what the path finds can be remembered. */
void xp_expr_mark_plain (XpExpr *path);

G_END_DECLS
