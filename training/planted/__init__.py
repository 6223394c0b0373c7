"""Planted evidence on drawn slides: does a head's evidence reach the cells its label rests on?"""
