/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PLAZA_XML_MAX_ATTRIBUTES 1000u /* of one element, declarations included */

/* Refuses what would cost libxml2 more than its size before libxml2 sees it: it compares every
 * attribute of an element with every other. Takes encodings in which markup is ASCII only. */
gboolean _plaza_xml_check_shape (const char *data, gsize size, GError **error);

G_END_DECLS
