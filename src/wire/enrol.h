/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/sign.h"

G_BEGIN_DECLS

/** PlazaEnrolRequest: body of POST /v1/enrol: {"code","device_key","fingerprint"}. */
typedef struct
{
  char *code; /* as plaza_join_code_normalise() gives it */
  PlazaPublicKey device_key;
  char *fingerprint;
} PlazaEnrolRequest;

/** PlazaEnrolment: its answer: {"device","token","batch","organisation","person","role"}. */
typedef struct
{
  char *device; /* UUID */
  char *token;  /* bearer token, "ccd_…"; "" on a laptop that joined without a connection and has
                   none yet */
  char *batch;  /* two to four characters: the device's folios */
  char *organisation; /* id in the campaign; "" for none */
  char *person;       /* person id, the author of what this profile writes */
  char *role;         /* facilitator, coordinator or administrator */
} PlazaEnrolment;

GBytes *plaza_enrol_request_to_json (const PlazaEnrolRequest *request);
gboolean plaza_enrol_request_parse (GBytes *json, PlazaEnrolRequest *out, GError **error);
void plaza_enrol_request_clear (PlazaEnrolRequest *request);

GBytes *plaza_enrolment_to_json (const PlazaEnrolment *enrolment);
gboolean plaza_enrolment_parse (GBytes *json, PlazaEnrolment *out, GError **error);
void plaza_enrolment_clear (PlazaEnrolment *enrolment);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaEnrolRequest, plaza_enrol_request_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaEnrolment, plaza_enrolment_clear)

G_END_DECLS
