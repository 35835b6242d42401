/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "central/catalogue-import.h"
#include "central/https-get.h"

G_BEGIN_DECLS

/** INEGI's catalogue service. */
#define PLAZA_CATALOGUE_URL "https://gaia.inegi.org.mx/wscatgeo/v2"

typedef enum
{
  PLAZA_CATALOGUE_ADDED,
  PLAZA_CATALOGUE_RENAMED,
  PLAZA_CATALOGUE_GONE,
} PlazaCatalogueChangeKind;

typedef struct
{
  PlazaCatalogueChangeKind kind;
  char *code;   /* five digits of a municipality, nine of a locality */
  char *before; /* (nullable): name */
  char *after;  /* (nullable): name */
} PlazaCatalogueChange;

typedef struct
{
  const char *url;
  const char *ca;            /* (nullable): PEM file */
  const char *const *states; /* (nullable): two-digit codes; NULL for all */
  gboolean localities;       /* also ask for the localities of those states */
  const char *from;          /* (nullable): folder with the catalogues so far */
  const char *out;           /* (nullable): where the new ones go; NULL to look only */
  const char *today;         /* "YYYY-MM-DD": when what is gone was found so */
} PlazaCatalogueSource;

/**
 * plaza_catalogue_update: asks the service and writes the catalogues in our own format. Nothing is
 * ever deleted: what the service no longer names stays, with the date in the column "baja", because
 * answers may name it; states that were not asked for stay as they are. Nothing is written unless
 * every answer was good.
 * @changes: (out) (transfer full) (element-type PlazaCatalogueChange): by code
 * Errors: those of plaza_https_get(); PLAZA_ERROR_INVALID names what in which answer is not as it
 * should be.
 */
gboolean plaza_catalogue_update (const PlazaCatalogueSource *source,
                                 GPtrArray **changes,
                                 PlazaCatalogueCounts *counts,
                                 GError **error);

G_END_DECLS
