FROM python:3.13-slim
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY adopt adopt
RUN pip install --no-cache-dir .
# Everything adopt keeps lies here: mount a volume to keep it.
ENV ADOPT_HOME=/home/adopt/.adopt
RUN useradd --create-home adopt && install -d -o adopt -m 0700 /home/adopt/.adopt
USER adopt
ENTRYPOINT ["adopt"]
CMD ["--help"]
