# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
# The C compiler links forge to a native program.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
COPY . .
RUN dotnet publish Wombat.Api -c Release -p:OptimizeForge=true -o /app

FROM node:20-bookworm-slim AS page
WORKDIR /src/web
COPY web/ .
RUN npm ci && npm run build

# The image has no embedded PostgreSQL and no LXC: Wombat uses an external server, and forge's back end is pve.
FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update && apt-get install -y --no-install-recommends curl libldap2 util-linux && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/wombat wombat
COPY --from=build /app /app
COPY --from=page /src/web/dist /app/page
USER wombat
WORKDIR /var/lib/wombat
ENV WOMBAT_ADDRESS=0.0.0.0 WOMBAT_PORT=8080 WOMBAT_DATA_DIR=/var/lib/wombat/data FORGE_BACKEND=pve
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD curl -fsS http://127.0.0.1:8080/health/ready || exit 1
ENTRYPOINT ["dotnet", "/app/Wombat.Api.dll"]
