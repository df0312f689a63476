# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) the smbmounter authors
"""What every lint test needs: the files of the tree, and a proof that the test can fail."""
import os
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SKIPPED = 77


class Tree:
    """A folder of files: the project itself, or one that a self-test made up."""

    def __init__(self, root=SOURCE):
        self.root = root
        self.files = tracked(root)

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def matching(self, endings, folders=("",)):
        return [path for path in self.files if path.endswith(tuple(endings))
                and path.startswith(tuple(folders))]


def tracked(root):
    """What git knows, or in an unpacked release every file but those of a build."""
    git = subprocess.run(["git", "-C", root, "-c", f"safe.directory={root}", "ls-files", "-z"],
                         capture_output=True, text=True, check=False)
    if git.returncode == 0 and git.stdout:
        files = git.stdout.split("\0")
    else:
        files = [os.path.relpath(os.path.join(folder, name), root)
                 for folder, _, names in os.walk(root) for name in names]
    return sorted(path for path in files if path and not path.startswith(("build/", ".git/"))
                  and os.path.isfile(os.path.join(root, path)))


def proves(check, cases, clean=None):
    """Every case (name, {path: text}, words expected) must be found, a clean tree must pass."""
    for name, files, expected in cases + [("a clean tree", clean or {}, None)]:
        with tempfile.TemporaryDirectory() as root:
            for path, text in files.items():
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(text)
            found = check(Tree(root))
        if expected is None and found:
            sys.exit(f"self-test: {name} is refused: {found}")
        if expected is not None and not any(expected in line for line in found):
            sys.exit(f"self-test: {name} is not found; found: {found}")
    print(f"self-test: {len(cases)} mistakes found, the clean tree passes")


def main(check, cases, clean=None):
    """The program of a lint test."""
    if "--self-test" in sys.argv:
        proves(check, cases, clean)
        return
    found = check(Tree())
    for line in found:
        print(line)
    sys.exit(1 if found else 0)
