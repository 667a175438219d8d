# SPDX-License-Identifier: Apache-2.0
"""Conan's recipe. LibTorch is taken from where it lies, not from a package: a profile names the folder
of its CMake package, for assay and for what is built with it:

    [conf]
    tools.cmake.cmaketoolchain:extra_variables={"Torch_DIR": "/opt/libtorch/share/cmake/Torch"}
"""
import re
from pathlib import Path

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy

required_conan_version = ">=2.0"


class AssayConan(ConanFile):
    name = "assay"
    description = "Losses, metrics and training for LibTorch with Keras's vocabulary"
    license = "Apache-2.0"
    topics = ("libtorch", "pytorch", "machine-learning", "metrics")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "tools": [True, False]}
    default_options = {"shared": True, "tools": True}
    test_package_folder = "packaging/conan"
    exports_sources = ("CMakeLists.txt", "LICENSE", "cmake/*", "core/*", "registry/*", "losses/*",
                       "metrics/*", "serialization/*", "distributed/*", "training/*", "tools/*")

    def set_version(self):
        text = Path(self.recipe_folder, "CMakeLists.txt").read_text(encoding="utf-8")
        self.version = re.search(r"project\(assay VERSION ([\d.]+)", text).group(1)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("nlohmann_json/[>=3.10 <4]", transitive_headers=True)
        self.requires("highway/[>=1.0 <2]")
        self.requires("zlib/[>=1.2.11 <2]")
        self.requires("xxhash/[>=0.8 <1]")
        if self.options.tools:
            self.requires("cli11/[>=2.1 <3]")

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        dependencies = CMakeDeps(self)
        dependencies.set_property("highway", "cmake_file_name", "hwy")
        dependencies.set_property("highway", "cmake_target_name", "hwy::hwy")
        dependencies.generate()
        toolchain = CMakeToolchain(self)
        toolchain.user_presets_path = False
        toolchain.cache_variables["ASSAY_BUILD_TESTS"] = False
        toolchain.cache_variables["ASSAY_BUILD_TOOLS"] = bool(self.options.tools)
        toolchain.cache_variables["ASSAY_WERROR"] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, str(Path(self.package_folder, "licenses")))
        CMake(self).install()

    def package_info(self):
        self.cpp_info.libs = ["assay"]
        # assay's own CMake package finds LibTorch too; one that Conan generates would not.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["lib/cmake/assay"]
