# Debian, not Alpine, because Node's own builds use glibc, and the tests run on Debian.
FROM node:24-slim AS dependencies
ENV NEXT_TELEMETRY_DISABLED=1
WORKDIR /app
COPY package.json package-lock.json ./
# npm ci needs the manifest of the package that is made from components/.
COPY components/package.json ./components/
RUN npm ci --no-audit --no-fund

FROM dependencies AS build
COPY instrumentation.ts next.config.js tsconfig.json ./
COPY components ./components
COPY lib ./lib
COPY pages ./pages
COPY public ./public
COPY styles ./styles
# For the log line at startup: the build context has no Git repository to read the commit from.
ARG COMMIT_SHA
# The path under which the app serves everything, such as /verify: see docs/deployment.md.
ARG BASE_PATH
RUN npm run build

# The operators' commands, including the doctor: see docs/deployment.md.
FROM dependencies AS operator
COPY tsconfig.json ./
COPY lib ./lib
COPY scripts ./scripts
# The embedded database of factors, as in the server's image below.
RUN install -d -m 700 -o node -g node /data
USER node
ENTRYPOINT ["node", "--import", "tsx"]

# The server. Root owns the files, so the process cannot change them.
FROM node:24-slim AS server
# The server listens on HOSTNAME, which Docker would otherwise set to the container's own name.
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 HOSTNAME=0.0.0.0 PORT=3000
WORKDIR /app
ARG BASE_PATH
# Only for the health check below: the server knows the path from the build.
ENV BASE_PATH=$BASE_PATH
COPY --from=build /app/.next/standalone ./
COPY --from=build /app/.next/static ./.next/static
COPY --from=build /app/public ./public
# For the embedded database of factors: mount a volume here, and set DATA_DIR=/data. A new volume gets the owner and the
# mode of this folder.
RUN install -d -m 700 -o node -g node /data
USER node
EXPOSE 3000
# Checks only that the process answers. For a load balancer, use /api/ready.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + process.env.BASE_PATH + '/api/health').then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
# In this form, without a shell, node itself gets SIGTERM, answers the requests in progress, and ends.
CMD ["node", "server.js"]
