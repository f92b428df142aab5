using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Migrations;

internal sealed class ContextFactory : IDesignTimeDbContextFactory<WombatDbContext>
{
    public WombatDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<WombatDbContext>().UseNpgsql("Host=127.0.0.1").Options);
}
