using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Wombat.Infrastructure.Persistence.Migrations
{
    /// <inheritdoc />
    public partial class SignInOrigins : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(SignInOriginSql.Up);

            migrationBuilder.DropCheckConstraint(
                name: "ck_users_login",
                table: "users");

            migrationBuilder.AddCheckConstraint(
                name: "ck_users_login",
                table: "users",
                sql: "login ~ '^[a-z0-9][a-z0-9._-]{1,99}$'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(SignInOriginSql.Down);

            migrationBuilder.DropCheckConstraint(
                name: "ck_users_login",
                table: "users");

            migrationBuilder.AddCheckConstraint(
                name: "ck_users_login",
                table: "users",
                sql: "login ~ '^[a-z][a-z0-9._-]{1,99}$'");
        }
    }
}
