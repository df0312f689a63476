# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
#
# User-Mode Linux with a kernel that has what Debian's lacks (nf_tables for IPv4, SOCK_DESTROY), made by
# tests/lab/build-kernel: plays what needs qemu at this machine's own speed. UML_DIR names its folder.

# shellcheck source=tests/lab/guest/uml.sh
. "$lab/guest/uml.sh"
UML_DIR=${UML_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/smbmounter-lab/uml}
uml_program=$UML_DIR/linux.uml
uml_modules=$UML_DIR/lib/modules
