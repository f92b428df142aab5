using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class SignIn : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "identities",
                columns: table => new
                {
                    issuer = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    subject = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_identities", x => new { x.issuer, x.subject });
                    table.ForeignKey(
                        name: "fk_identities_user",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    address = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    user_agent = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    issuer = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    provider_session = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    provider_tokens = table.Column<byte[]>(type: "bytea", nullable: true),
                    refresh_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sessions", x => x.id);
                    table.ForeignKey(
                        name: "fk_sessions_user",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_identities_user",
                table: "identities",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_refresh_at",
                table: "sessions",
                column: "refresh_at",
                filter: "refresh_at is not null");

            migrationBuilder.CreateIndex(
                name: "ix_sessions_user",
                table: "sessions",
                columns: new[] { "user_id", "id" });

            migrationBuilder.CreateIndex(
                name: "ux_sessions_hash",
                table: "sessions",
                column: "hash",
                unique: true);

            migrationBuilder.Sql(SignInSql.Up);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(SignInSql.Down);

            migrationBuilder.DropTable(
                name: "identities");

            migrationBuilder.DropTable(
                name: "sessions");
        }
    }
}
