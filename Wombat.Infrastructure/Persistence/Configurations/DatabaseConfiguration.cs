using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class DatabaseConfiguration() : ResourceKindConfiguration<Database, DatabaseSpec>(Database.KindName)
{
    public override void Configure(EntityTypeBuilder<Database> builder)
    {
        base.Configure(builder);
        builder.Property(d => d.LastDrill!).HasJsonConversion();
    }
}
