using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Projects;
using Wombat.Domain.Tokens;
using Wombat.Domain.Users;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class AccessTokenConfiguration : IEntityTypeConfiguration<AccessToken>
{
    public void Configure(EntityTypeBuilder<AccessToken> builder)
    {
        builder.ToTable("access_tokens", t => t.HasCheckConstraint("ck_access_tokens_scope", "scope in ('read', 'operate', 'manage')"));
        builder.HasKey(t => t.Id).HasName("pk_access_tokens");
        builder.Property(t => t.Id).ValueGeneratedNever();
        builder.Property(t => t.Name).HasMaxLength(AccessToken.NameMax);
        builder.Property(t => t.CreatedBy).HasMaxLength(255);
        builder.HasIndex(t => t.Hash).IsUnique().HasDatabaseName("ux_access_tokens_hash");
        builder.HasIndex(t => new { t.UserId, t.Id }).HasFilter("user_id is not null").HasDatabaseName("ix_access_tokens_user");
        builder.HasIndex(t => t.ParentTokenId).HasFilter("parent_token_id is not null").HasDatabaseName("ix_access_tokens_parent_token");
        builder.HasIndex(t => new { t.ProjectId, t.Id }).HasFilter("project_id is not null").HasDatabaseName("ix_access_tokens_project");
        builder
            .HasOne<User>()
            .WithMany()
            .HasForeignKey(t => t.UserId)
            .HasConstraintName("fk_access_tokens_user")
            .OnDelete(DeleteBehavior.Restrict);
        builder
            .HasOne<Project>()
            .WithMany()
            .HasForeignKey(t => t.ProjectId)
            .HasConstraintName("fk_access_tokens_project")
            .OnDelete(DeleteBehavior.Restrict);
    }
}
