/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "form/node.h"

G_BEGIN_DECLS

typedef enum
{
  /* Forms and instances: white space between elements, comments and processing instructions are
   * dropped; text inside a leaf is kept exactly. */
  PLAZA_XML_DATA = 0,
  /* Everything is kept, as generic documents with mixed content need. */
  PLAZA_XML_DOCUMENT = 1 << 0,
} PlazaXmlFlags;

#define PLAZA_XML_MAX_BYTES (64u * 1024 * 1024)
#define PLAZA_XML_MAX_NODES 2000000u
#define PLAZA_XML_MAX_DEPTH 200u

/**
 * plaza_xml_parse: parses @length bytes (-1: NUL-terminated) of namespaced XML 1.0. Nothing is
 * ever fetched. A DOCTYPE is refused (PLAZA_ERROR_UNSUPPORTED), ill-formed XML is
 * PLAZA_ERROR_INVALID, a limit above is PLAZA_ERROR_LIMIT; messages begin "line N: ".
 *
 * Returns: (transfer full): a tree, or NULL.
 */
PlazaTree *plaza_xml_parse (const char *data, gssize length, PlazaXmlFlags flags, GError **error);

/** plaza_xml_parse_file: the same from a file; refuses larger files before reading them. */
PlazaTree *plaza_xml_parse_file (const char *path, PlazaXmlFlags flags, GError **error);

/**
 * PlazaXmlFilter: whether @node (an element or attribute) and what is below it is written.
 */
typedef gboolean (*PlazaXmlFilter) (PlazaNode *node, gpointer data);

/**
 * plaza_xml_write: serialises @node and what is below it as UTF-8 without an XML declaration and
 * without added white space, exactly reproducible. Prefixes are kept; a namespace whose
 * declaration is not within @node is declared where it is first needed. Empty elements become
 * `<x/>`. Characters that XML 1.0 cannot hold are left out. Values are written whether or not
 * the node is relevant: @filter (may be NULL = all) decides.
 *
 * Returns: (transfer full): never NULL.
 */
char *plaza_xml_write (PlazaNode *node, PlazaXmlFilter filter, gpointer data);

G_END_DECLS
