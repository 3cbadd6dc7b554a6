"""Verification of creatives before anything is uploaded: pictures, videos, texts, links; bounded in time and memory."""

from adopt.launch.media.checked import Checked, Problem
from adopt.launch.media.checking import check, check_many
from adopt.launch.media.placements import PLACEMENTS
from adopt.launch.media.text import check_texts

__all__ = ["PLACEMENTS", "Checked", "Problem", "check", "check_many", "check_texts"]
