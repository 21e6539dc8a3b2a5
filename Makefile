# A thin front door: what is behind each word stands in scripts/.  Variables given on the command line
# reach the scripts in their environment.
.PHONY: help build run test bench fuzz lint package soak

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

build: ## release build: build/release/scimd, build/release/scimctl
	@scripts/dependencies run
	@scripts/build release all

run: ## start on SQLite under DIR (./var) with tenant demo; PORT=8443, PLAIN=1: HTTP on loopback
	@scripts/run

test: ## everything that can fail; prints its count last
	@scripts/test

bench: ## speed and memory beside bare libmicrohttpd and ODBC
	@scripts/bench

fuzz: ## every parser under libFuzzer, SECONDS=30 each
	@scripts/fuzz

lint: ## clang-format, clang-tidy, cppcheck, gcc -fanalyzer, sizes, scripts
	@scripts/lint

package: ## a Debian package under build/package
	@scripts/package

soak: ## MINUTES=10 of mixed load; memory, files and threads must stay flat
	@scripts/soak
