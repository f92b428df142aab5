using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Containers;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class ContainerConfiguration() : ResourceKindConfiguration<Container, ContainerSpec>(Container.KindName)
{
    public override void Configure(EntityTypeBuilder<Container> builder)
    {
        base.Configure(builder);
        builder.Ignore(c => c.IpAddress);
        builder.Ignore(c => c.Ssh);
        builder.Ignore(c => c.PublishesPorts);
        builder.Property(c => c.PortStates).HasJsonConversion().HasDefaultValueSql("'[]'");
        builder.Property(c => c.InstalledKeys).HasMaxLength(Container.InstalledKeysMax);
        builder.HasIndex(c => c.SshKeysOwnerId).HasFilter("ssh_keys_owner_id is not null").HasDatabaseName("ix_resources_ssh_keys_owner");
    }
}
