/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/screen.h"

G_BEGIN_DECLS

/** PlazaHomePage: the field session, the way to a new interview, and today's responses. */
#define PLAZA_TYPE_HOME_PAGE (plaza_home_page_get_type ())
G_DECLARE_FINAL_TYPE (PlazaHomePage, plaza_home_page, PLAZA, HOME_PAGE, PlazaScreen)

PlazaScreen *plaza_home_page_new (void);

G_END_DECLS
