/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * plaza_i18n_init: what every program does first: takes the user's locale and binds its messages.
 * A machine without a generated locale, or with one that is not UTF-8, gets C.UTF-8 for the kinds
 * of text: names with accents must pass, and LANGUAGE still chooses the translation.
 * @domain: the gettext domain
 * @folder: where its translations are installed; PLAZA_LOCALEDIR in the environment wins
 */
void plaza_i18n_init (const char *domain, const char *folder);

G_END_DECLS
