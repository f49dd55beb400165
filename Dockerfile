# syntax=docker/dockerfile:1
# Causeway on Node 24. The first stage compiles, the second one runs: no compiler and no development package in it.
FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# The compiler needs no install script; Node itself comes with the image.
RUN npm ci --ignore-scripts --no-fund --no-audit
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN node_modules/.bin/tsc -p tsconfig.build.json

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /opt/causeway
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-fund --no-audit && npm cache clean --force
COPY migrations ./migrations
COPY --from=build /build/dist ./dist
# Inside a container the reverse proxy is never on loopback.
ENV CAUSEWAY_HTTP_LISTEN=0.0.0.0:8080 \
    CAUSEWAY_DATA_DIR=/data
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080
# The image has no curl. 503 says in words what is missing: docker inspect shows it.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then(async (r) => { console.log(await r.text()); process.exit(r.ok ? 0 : 1); }, () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["run"]
