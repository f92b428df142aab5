using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class ContainerSamples : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "container_samples",
                columns: table => new
                {
                    container_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    started = table.Column<long>(type: "bigint", nullable: true),
                    cpu_ms = table.Column<long>(type: "bigint", nullable: true),
                    memory = table.Column<long>(type: "bigint", nullable: true),
                    disk = table.Column<long>(type: "bigint", nullable: true),
                    received = table.Column<long>(type: "bigint", nullable: true),
                    sent = table.Column<long>(type: "bigint", nullable: true),
                    processes = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_container_samples", x => new { x.container_id, x.at });
                });

            migrationBuilder.CreateIndex(
                name: "ix_container_samples_at",
                table: "container_samples",
                column: "at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "container_samples");
        }
    }
}
