using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Users;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class SshKeyConfiguration : IEntityTypeConfiguration<SshKey>
{
    public void Configure(EntityTypeBuilder<SshKey> builder)
    {
        builder.ToTable("ssh_keys");
        builder.HasKey(k => k.Id).HasName("pk_ssh_keys");
        builder.Property(k => k.Id).ValueGeneratedNever();
        builder.Property(k => k.Name).HasMaxLength(SshKey.NameMax);
        builder.Property(k => k.Type).HasMaxLength(64);
        builder.Property(k => k.Fingerprint).HasMaxLength(64);

        // Not unique over all users: whoever registers a public key first would own it, and learn who has it.
        builder.HasIndex(k => new { k.UserId, k.Fingerprint }).IsUnique().HasDatabaseName("ux_ssh_keys_user_fingerprint");
        builder.HasIndex(k => new { k.UserId, k.Id }).HasDatabaseName("ix_ssh_keys_user");
        builder
            .HasOne<User>()
            .WithMany()
            .HasForeignKey(k => k.UserId)
            .HasConstraintName("fk_ssh_keys_user")
            .OnDelete(DeleteBehavior.Restrict);
    }
}
