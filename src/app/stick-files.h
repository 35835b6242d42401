/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sync/stick.h"
#include "sync/upload.h"

G_BEGIN_DECLS

/** What became of the files of a stick or of folders, as rows of a list: @files holds PlazaFileRow
 * and is filled anew. */

/** plaza_stick_files_list_refusals: what @stick refused, and why. */
void plaza_stick_files_list_refusals (GListStore *files, PlazaStick *stick);

/** plaza_stick_files_list_upload: every file of a bulk upload, the refused ones first. */
void plaza_stick_files_list_upload (GListStore *files, const PlazaUpload *upload);

G_END_DECLS
